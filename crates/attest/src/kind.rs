//! The kinds of statement that format 1 knows: one small table, one module a kind.
//!
//! A kind's number is part of the signed bytes and never reused; its name is what policies, membership lists and
//! messages say.

mod evidence;
mod exam_result;
mod health_code;
mod nucleic_test;

use std::fmt;
use std::str::FromStr;

use crate::claims::Fields;

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// 健康码: a graded health code.
    HealthCode = 1,
    /// 核酸检测: a nucleic acid test.
    NucleicTest = 2,
    /// 检查检验结果: an examination result that another hospital may reuse.
    ExamResult = 3,
    /// 赋码依据: what stands behind a red or amber code. It never leaves the province.
    Evidence = 4,
}

/// No such kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind; known kinds are health_code, nucleic_test, exam_result, evidence")]
pub struct UnknownKind;

/// What one kind is called and which claims it has.
pub(crate) struct Definition {
    name: &'static str,
    name_zh: &'static str,
    /// May a statement of this kind be answered to another province?
    travels: bool,
    /// The optional claims that a statement of this kind must have.
    pub(crate) mandatory: Fields,
    /// The optional claims that it may have; every other is refused.
    pub(crate) allowed: Fields,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::HealthCode, Self::NucleicTest, Self::ExamResult, Self::Evidence];

    /// The kinds that a province may ask another for, in the order of their numbers.
    pub const TRAVELLING: [Self; 3] = [Self::HealthCode, Self::NucleicTest, Self::ExamResult];

    /// The number in signed bytes.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The kind with this number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| u64::from(kind.number()) == number)
    }

    /// The name in files and messages.
    pub const fn name(self) -> &'static str {
        self.definition().name
    }

    /// The name that people read in Chinese.
    pub const fn name_zh(self) -> &'static str {
        self.definition().name_zh
    }

    /// May a policy ask for it, and a node answer it, across a province border? False for [`Kind::Evidence`] only.
    pub const fn travels(self) -> bool {
        self.definition().travels
    }

    pub(crate) const fn definition(self) -> &'static Definition {
        match self {
            Self::HealthCode => &health_code::DEFINITION,
            Self::NucleicTest => &nucleic_test::DEFINITION,
            Self::ExamResult => &exam_result::DEFINITION,
            Self::Evidence => &evidence::DEFINITION,
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(UnknownKind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of kinds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Kinds(u8);

impl Kinds {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Is the set empty?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Is `kind` a member?
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind.number()) != 0
    }

    /// Does every member of this set stand in `other`?
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// This set with `kind`.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind.number())
    }

    /// The members that both sets share.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The members, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_number_and_its_name_only() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number().into()), Some(kind));
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!(Kind::from_number(0), None);
        assert_eq!(Kind::from_number(5), None);
        assert_eq!("Health_code".parse::<Kind>(), Err(UnknownKind));
    }

    #[test]
    fn evidence_alone_stays_at_home() {
        assert!(Kind::TRAVELLING.into_iter().all(Kind::travels));
        assert_eq!(
            Kind::ALL.into_iter().filter(|kind| !kind.travels()).collect::<Vec<_>>(),
            [Kind::Evidence]
        );
    }

    #[test]
    fn every_mandatory_claim_is_allowed() {
        for kind in Kind::ALL {
            let Definition { mandatory, allowed, .. } = kind.definition();
            assert_eq!(mandatory.without(*allowed).first(), None, "{kind}");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: Kinds = [Kind::NucleicTest, Kind::HealthCode].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Kind::HealthCode, Kind::NucleicTest]);
        assert!(!set.contains(Kind::ExamResult));
        assert!(Kinds::NONE.is_subset(set) && !set.is_subset(Kinds::NONE));
    }
}
