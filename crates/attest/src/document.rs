//! Identity documents: what names a person in a query.
//!
//! A document is personal data: `Debug` shows its type only, and nothing here logs. The home province is never read
//! from a number: people move, and the first digits do not.

use std::fmt;

use jiff::civil;

/// The longest number of any document, in characters.
pub const MAX_NUMBER_LEN: usize = 20;

/// A document type in the style of GA/T 517. The numbers come from practice, unverified against the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
pub enum DocumentType {
    /// 居民身份证, and the residence permits of the same form (81, 82 and 83…).
    ResidentId = 111,
    /// 普通护照.
    Passport = 414,
    /// 台湾居民来往大陆通行证.
    TaiwanTravelPermit = 511,
    /// 港澳居民来往内地通行证.
    HongKongMacaoTravelPermit = 516,
    /// 外国人永久居留身份证.
    PermanentResidence = 553,
}

/// Why something is no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The type is not in the table.
    #[error("unknown document type; known types are 111, 414, 511, 516, 553")]
    Type,
    /// The number has characters or a length that the type does not allow.
    #[error("the document number has the wrong form for its type")]
    Form,
    /// The check digit does not fit (GB 11643).
    #[error("the check digit of the resident ID number does not fit; read it again")]
    CheckDigit,
    /// The birth date inside is no date.
    #[error("the birth date inside the resident ID number is no date")]
    BirthDate,
}

impl DocumentType {
    /// All types.
    pub const ALL: [Self; 5] = [
        Self::ResidentId,
        Self::Passport,
        Self::TaiwanTravelPermit,
        Self::HongKongMacaoTravelPermit,
        Self::PermanentResidence,
    ];

    /// The number of the type, for example 111.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The type with this number.
    ///
    /// # Errors
    /// If the table has no such type.
    pub fn from_number(number: u32) -> Result<Self, DocumentError> {
        Self::ALL.into_iter().find(|t| u32::from(t.number()) == number).ok_or(DocumentError::Type)
    }
}

/// A document: its type and its number in canonical form (upper case).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Document {
    kind: DocumentType,
    number: String,
    birth_date: Option<civil::Date>,
}

impl Document {
    /// Reads a number for its type; a final `x` of a resident ID counts as `X`.
    ///
    /// # Errors
    /// If the number has not the form of its type.
    pub fn parse(kind: DocumentType, number: &str) -> Result<Self, DocumentError> {
        let number = number.to_ascii_uppercase();
        let birth_date = match kind {
            DocumentType::ResidentId => Some(check_resident_id(&number)?),
            _ => {
                let form = (5..=MAX_NUMBER_LEN).contains(&number.len())
                    && number.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
                if !form {
                    return Err(DocumentError::Form);
                }
                None
            }
        };
        Ok(Self { kind, number, birth_date })
    }

    /// The type.
    pub const fn kind(&self) -> DocumentType {
        self.kind
    }

    /// The number. Personal data: never log it.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The date of birth, where the number states one.
    pub const fn birth_date(&self) -> Option<civil::Date> {
        self.birth_date
    }

    /// Full years of age on `today` (不满 N 周岁 counts birthdays); `None` where the number states no birth date or it
    /// lies after `today`.
    pub fn age_on(&self, today: civil::Date) -> Option<u8> {
        let born = self.birth_date?;
        let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
        let years = today.year() - born.year() - i16::from(!had_birthday);
        u8::try_from(years).ok()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({})", self.kind.number())
    }
}

/// The check character of the first 17 digits (GB 11643, ISO 7064 MOD 11-2); `None` if they are not 17 digits.
pub fn resident_id_check(first_17: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    if first_17.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in first_17.chars().zip(WEIGHTS) {
        sum += character.to_digit(10)? * weight;
    }
    CHECK.get(usize::try_from(sum % 11).ok()?).copied()
}

fn check_resident_id(number: &str) -> Result<civil::Date, DocumentError> {
    if number.len() != 18 || !number.is_ascii() {
        return Err(DocumentError::Form);
    }
    let (body, check) = number.split_at(17);
    let expected = resident_id_check(body).ok_or(DocumentError::Form)?;
    if !check.chars().eq([expected]) {
        return Err(DocumentError::CheckDigit);
    }
    let field = |range: std::ops::Range<usize>| body.get(range).and_then(|text| text.parse::<i16>().ok());
    let (Some(year), Some(month), Some(day)) = (field(6..10), field(10..12), field(12..14)) else {
        return Err(DocumentError::BirthDate);
    };
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
        return Err(DocumentError::BirthDate);
    };
    if year < 1850 {
        return Err(DocumentError::BirthDate);
    }
    civil::Date::new(year, month, day).map_err(|_| DocumentError::BirthDate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: &str) -> Result<Document, DocumentError> {
        Document::parse(DocumentType::ResidentId, number)
    }

    #[test]
    fn a_resident_id_needs_its_check_digit_and_a_real_birth_date() {
        // The published specimen number of GB 11643.
        assert!(id("11010519491231002X").is_ok());
        assert_eq!(id("11010519491231002x"), id("11010519491231002X"));
        assert_eq!(id("110105194912310021"), Err(DocumentError::CheckDigit));
        assert_eq!(id("1101051949123100"), Err(DocumentError::Form));
        assert_eq!(id("1101051949123100２"), Err(DocumentError::Form));
        let body = "11010519491331002";
        let number = format!("{body}{}", resident_id_check(body).unwrap());
        assert_eq!(id(&number), Err(DocumentError::BirthDate));
    }

    #[test]
    fn the_age_grows_on_the_birthday() {
        let person = id("11010519491231002X").unwrap();
        assert_eq!(person.age_on(civil::date(2022, 12, 30)), Some(72));
        assert_eq!(person.age_on(civil::date(2022, 12, 31)), Some(73));
        assert_eq!(person.age_on(civil::date(1949, 12, 30)), None);
    }

    #[test]
    fn other_documents_state_no_birth_date() {
        let passport = Document::parse(DocumentType::Passport, "e12345678").unwrap();
        assert_eq!((passport.number(), passport.birth_date()), ("E12345678", None));
        assert_eq!(Document::parse(DocumentType::Passport, "E1"), Err(DocumentError::Form));
        assert_eq!(Document::parse(DocumentType::Passport, "E 1234567"), Err(DocumentError::Form));
        assert_eq!(DocumentType::from_number(112), Err(DocumentError::Type));
    }

    #[test]
    fn a_document_never_shows_its_number() {
        assert_eq!(format!("{:?}", id("11010519491231002X").unwrap()), "Document(111)");
    }
}
