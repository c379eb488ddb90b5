//! The closed values of claims.

use std::fmt;
use std::str::FromStr;

use super::text::Term;
use crate::hash::Digest;

/// The status of a code on the national platform. The numbers come from practice, unverified against GB/T 38962.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum CodeStatus {
    /// `00`: 绿, low risk.
    Green = 0,
    /// `01`: 黄, medium risk.
    Amber = 1,
    /// `10`: 红, high risk.
    Red = 10,
    /// `11`: the province states no colour; its own label says what it means.
    NoneStated = 11,
}

/// What a test found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum TestResult {
    /// 阴性.
    Negative = 1,
    /// 阳性.
    Positive = 2,
}

/// A word or number outside the closed lists of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownValue {
    /// Not a status.
    #[error("unknown code status; known are 00, 01, 10, 11")]
    Status,
    /// Not a result.
    #[error("unknown test result; known are negative, positive")]
    Result,
}

/// Points to what stands behind a code: which kind of evidence, and the digest that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EvidenceRef {
    /// The kind of evidence, a term of the vocabulary (`isolation`).
    pub kind: Term,
    /// The digest of the statement of kind `evidence`, or of the document, that it points to.
    pub digest: Digest,
}

impl CodeStatus {
    /// All statuses, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Green, Self::Amber, Self::Red, Self::NoneStated];

    /// The number in signed bytes: 0, 1, 10 or 11.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The status with this number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| u64::from(status.number()) == number)
    }

    /// The two characters of the national platform: `00`, `01`, `10` or `11`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Green => "00",
            Self::Amber => "01",
            Self::Red => "10",
            Self::NoneStated => "11",
        }
    }

    /// Does this status need an authorised assigner, a reason and evidence to be believed?
    pub const fn needs_foundation(self) -> bool {
        matches!(self, Self::Amber | Self::Red)
    }
}

impl FromStr for CodeStatus {
    type Err = UnknownValue;

    fn from_str(code: &str) -> Result<Self, UnknownValue> {
        Self::ALL.into_iter().find(|status| status.code() == code).ok_or(UnknownValue::Status)
    }
}

impl fmt::Display for CodeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TestResult {
    /// All results, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::Negative, Self::Positive];

    /// The number in signed bytes.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The result with this number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|result| u64::from(result.number()) == number)
    }

    /// The name in files and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Positive => "positive",
        }
    }
}

impl FromStr for TestResult {
    type Err = UnknownValue;

    fn from_str(name: &str) -> Result<Self, UnknownValue> {
        Self::ALL.into_iter().find(|result| result.name() == name).ok_or(UnknownValue::Result)
    }
}

impl fmt::Display for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_results_are_found_by_their_number_and_word_only() {
        for status in CodeStatus::ALL {
            assert_eq!(CodeStatus::from_number(status.number().into()), Some(status));
            assert_eq!(status.code().parse(), Ok(status));
        }
        for result in TestResult::ALL {
            assert_eq!(TestResult::from_number(result.number().into()), Some(result));
            assert_eq!(result.name().parse(), Ok(result));
        }
        for bad in ["", "0", "02", "1", "000", "green"] {
            assert_eq!(bad.parse::<CodeStatus>(), Err(UnknownValue::Status), "{bad}");
        }
        assert_eq!("Negative".parse::<TestResult>(), Err(UnknownValue::Result));
        assert_eq!((CodeStatus::from_number(2), TestResult::from_number(0)), (None, None));
    }

    #[test]
    fn amber_and_red_need_a_foundation() {
        let needing: Vec<_> =
            CodeStatus::ALL.into_iter().filter(|status| status.needs_foundation()).collect();
        assert_eq!(needing, [CodeStatus::Amber, CodeStatus::Red]);
    }
}
