//! Organisations: the unified social credit code (统一社会信用代码, GB 32100).

use std::fmt;
use std::str::FromStr;

/// The 31 characters of GB 32100: digits and letters without I, O, S, V and Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The length in characters, check character included.
const LEN: usize = 18;

/// A unified social credit code: 18 characters, the last of which checks the others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrgCode([u8; LEN]);

/// Why text is no unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrgCodeError {
    /// Not 18 characters of the alphabet.
    #[error("not a unified social credit code: 18 digits and capital letters without I, O, S, V, Z")]
    Form,
    /// The last character does not fit the others.
    #[error("the check character of the unified social credit code does not fit; read it again")]
    CheckCharacter,
}

impl OrgCode {
    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The check character of the first 17 characters (MOD 31 with powers of 3 as weights); `None` if they are not 17 of
/// the alphabet.
pub fn org_check(first_17: &str) -> Option<char> {
    if first_17.len() != LEN - 1 {
        return None;
    }
    let (mut sum, mut weight) = (0, 1);
    for byte in first_17.bytes() {
        sum += value(byte)? * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.get((31 - sum % 31) % 31).copied().map(char::from)
}

fn value(byte: u8) -> Option<usize> {
    ALPHABET.iter().position(|known| *known == byte)
}

impl FromStr for OrgCode {
    type Err = OrgCodeError;

    fn from_str(text: &str) -> Result<Self, OrgCodeError> {
        let code: [u8; LEN] = text.as_bytes().try_into().map_err(|_| OrgCodeError::Form)?;
        if code.iter().any(|byte| value(*byte).is_none()) {
            return Err(OrgCodeError::Form);
        }
        let (body, check) = text.split_at_checked(LEN - 1).ok_or(OrgCodeError::Form)?;
        let expected = org_check(body).ok_or(OrgCodeError::Form)?;
        if check.chars().eq([expected]) { Ok(Self(code)) } else { Err(OrgCodeError::CheckCharacter) }
    }
}

impl fmt::Display for OrgCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for OrgCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrgCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example code that GB 32100-2015 prints.
    const EXAMPLE: &str = "91350100M000100Y43";

    #[test]
    fn the_standards_example_is_read_and_shown() {
        assert_eq!(EXAMPLE.parse::<OrgCode>().unwrap().to_string(), EXAMPLE);
    }

    #[test]
    fn every_change_of_one_character_is_noticed() {
        for place in 0..LEN {
            for byte in ALPHABET {
                let mut code = EXAMPLE.as_bytes().to_vec();
                if std::mem::replace(&mut code[place], *byte) == *byte {
                    continue;
                }
                let code = String::from_utf8(code).unwrap();
                assert_eq!(code.parse::<OrgCode>(), Err(OrgCodeError::CheckCharacter), "{code}");
            }
        }
    }

    #[test]
    fn other_lengths_and_letters_are_refused() {
        for bad in [
            "",
            "91350100M000100Y4",
            "91350100M000100Y433",
            "91350100I000100Y43",
            "91350100m000100Y43",
            "9135010０M00010Y43",
        ] {
            assert_eq!(bad.parse::<OrgCode>(), Err(OrgCodeError::Form), "{bad}");
        }
    }
}
