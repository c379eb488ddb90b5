//! Terms: values of the vocabulary's closed lists, as small numbers, and sets of them.
//!
//! A term is an index into the vocabulary that made it and means nothing beside another one.

use std::fmt;
use std::marker::PhantomData;

/// How many terms one list of the vocabulary may hold: a set of them is one machine word.
pub(crate) const MAX_TERMS: usize = 64;

/// The closed lists of a vocabulary, under the names that files use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum List {
    Purpose,
    Place,
    Risk,
    Grade,
    Obligation,
    AssignedFor,
    Evidence,
    Assigner,
    ExamItem,
    ExamQuality,
    Department,
}

impl List {
    pub(crate) const ALL: [(&'static str, Self); 11] = [
        ("purpose", Self::Purpose),
        ("place", Self::Place),
        ("risk", Self::Risk),
        ("grade", Self::Grade),
        ("obligation", Self::Obligation),
        ("assigned_for", Self::AssignedFor),
        ("evidence", Self::Evidence),
        ("assigner", Self::Assigner),
        ("exam_item", Self::ExamItem),
        ("exam_quality", Self::ExamQuality),
        ("department", Self::Department),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, list)| *list == self).map_or("", |(name, _)| name)
    }
}

mod sealed {
    use super::List;

    /// What every term type is: an index below [`super::MAX_TERMS`] into one list.
    pub trait Index: Copy {
        #[doc(hidden)]
        #[allow(private_interfaces, reason = "the trait is sealed and its list is nobody else's business")]
        const LIST: List;
        #[doc(hidden)]
        fn index(self) -> u8;
        #[doc(hidden)]
        fn from_index(index: u8) -> Self;
    }
}

pub(crate) use sealed::Index;

/// A value of one of the vocabulary's lists. Implemented by the types of this module only.
pub trait Term: sealed::Index {}

macro_rules! terms {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u8);

        impl sealed::Index for $name {
            #[allow(private_interfaces, reason = "the trait is sealed and its list is nobody else's business")]
            const LIST: List = List::$name;

            fn index(self) -> u8 {
                self.0
            }

            fn from_index(index: u8) -> Self {
                Self(index)
            }
        }

        impl Term for $name {}
    )+};
}

terms! {
    /// 为什么查: why something is asked.
    Purpose
    /// 场所类别: the category of a place.
    Place
    /// 风险等级: the risk of an area; `low` and `unknown` exist in every vocabulary.
    Risk
    /// 附带义务: what an admitted or reviewed person must do; a label.
    Obligation
    /// 目录内赋码事由: a listed reason for a red or amber code.
    AssignedFor
    /// 依据种类: a kind of evidence behind a red or amber code.
    Evidence
    /// 赋码主体: who may assign a red or amber code.
    Assigner
    /// 互认项目: an examination whose result is reused.
    ExamItem
    /// 质控标识: the quality mark of an examination result.
    ExamQuality
    /// 部门类别: the category of a department, from the membership list.
    Department
}

/// 部门类别: the category of a department, from the membership list and never from a claim.
pub type DepartmentCategory = Department;

/// A set of terms of one list.
pub struct Set<T> {
    bits: u64,
    list: PhantomData<T>,
}

impl<T> Clone for Set<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Set<T> {}

impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<T> Eq for Set<T> {}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { bits: 0, list: PhantomData }
    }
}

impl<T: Term> Set<T> {
    /// Is `term` a member?
    pub fn contains(self, term: T) -> bool {
        self.bits & bit(term) != 0
    }

    /// This set with `term`.
    #[must_use]
    pub fn with(self, term: T) -> Self {
        Self { bits: self.bits | bit(term), list: PhantomData }
    }

    /// Is the set empty?
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Does every member of this set stand in `other`?
    pub fn is_subset(self, other: Self) -> bool {
        self.bits & !other.bits == 0
    }

    /// The members that both sets share.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self { bits: self.bits & other.bits, list: PhantomData }
    }

    /// The members of this set that `other` lacks.
    #[must_use]
    pub(crate) fn minus(self, other: Self) -> Self {
        Self { bits: self.bits & !other.bits, list: PhantomData }
    }

    /// The members, in the order of their names.
    pub fn iter(self) -> impl Iterator<Item = T> {
        (0..MAX_TERMS as u8).map(T::from_index).filter(move |term| self.contains(*term))
    }
}

/// One bit of 64; an index out of bounds cannot be built, and would match nothing.
fn bit<T: Term>(term: T) -> u64 {
    1_u64.checked_shl(term.index().into()).unwrap_or_default()
}

impl<T: Term> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(terms: I) -> Self {
        terms.into_iter().fold(Self::default(), Self::with)
    }
}

impl<T> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Set({:#b})", self.bits)
    }
}
