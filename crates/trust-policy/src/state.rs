//! What one kind of evidence amounts to: a believed value, or the state that says why nothing is believed.
//!
//! Values and states together are the only things that a case can name; a set of them is a bit mask.

use crate::grade::Grade;
use crate::terms::{ExamItem, ExamQuality, Index as _};

/// Why nothing of a kind is believed. The order is that in which one of several states is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum State {
    /// 来源省联系不上: a province that was asked is silent.
    Unreachable,
    /// 停止采信期间: a live distrust matches.
    Distrusted,
    /// 无依据: a red or amber code without what it must rest on, or whose appeal is overdue.
    Unfounded,
    /// 转述: a copy of what another province stated.
    Hearsay,
    /// 标签没有对应等级: no part of its label maps to a grade.
    Unmapped,
    /// 不在采信范围: no trust entry covers it, its time lies ahead, or it is no longer valid.
    Untrusted,
    /// 过期: older than the trust entry allows.
    Stale,
    /// 没有: nothing was stated, or a code was withdrawn.
    None,
}

impl State {
    /// All states, in their order.
    pub const ALL: [Self; 8] = [
        Self::Unreachable,
        Self::Distrusted,
        Self::Unfounded,
        Self::Hearsay,
        Self::Unmapped,
        Self::Untrusted,
        Self::Stale,
        Self::None,
    ];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Distrusted => "distrusted",
            Self::Unfounded => "unfounded",
            Self::Hearsay => "hearsay",
            Self::Unmapped => "unmapped",
            Self::Untrusted => "untrusted",
            Self::Stale => "stale",
            Self::None => "none",
        }
    }

    /// The name for people, in Chinese.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Unreachable => "来源省没有应答",
            Self::Distrusted => "停止采信",
            Self::Unfounded => "依据不足",
            Self::Hearsay => "转述",
            Self::Unmapped => "无对应等级",
            Self::Untrusted => "不采信",
            Self::Stale => "过期",
            Self::None => "没有",
        }
    }
}

/// What a believed statement says. Codes are in the order of gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// A green code.
    Green,
    /// An amber or red code under appeal.
    Contested,
    /// An amber code.
    Amber,
    /// A red code.
    Red,
    /// A negative test.
    Negative,
    /// A positive test.
    Positive,
    /// An examination result; item and quality are `None` where the vocabulary does not list them.
    Exam {
        /// What was examined.
        item: Option<ExamItem>,
        /// The laboratory's quality mark.
        quality: Option<ExamQuality>,
    },
}

impl Value {
    /// Those that a case names by a word.
    pub(crate) const NAMED: [Self; 6] =
        [Self::Green, Self::Contested, Self::Amber, Self::Red, Self::Negative, Self::Positive];

    /// The name in files; `believed` for an examination result, which no case names as a whole.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Contested => "contested",
            Self::Amber => "amber",
            Self::Red => "red",
            Self::Negative => "negative",
            Self::Positive => "positive",
            Self::Exam { .. } => "believed",
        }
    }

    /// The name for people, in Chinese.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Green => "绿",
            Self::Contested => "申诉中",
            Self::Amber => "黄",
            Self::Red => "红",
            Self::Negative => "阴性",
            Self::Positive => "阳性",
            Self::Exam { .. } => "采信",
        }
    }

    /// The graver value counts among several of one instant. Examinations have an order only so that the answer never
    /// depends on the order in which they came.
    pub(crate) fn gravity(self) -> u16 {
        match self {
            Self::Exam { item, quality } => {
                let item = item.map_or(0, |item| u16::from(item.index()) + 1);
                let quality = quality.map_or(0, |quality| u16::from(quality.index()) + 1);
                item * 256 + quality.min(255)
            }
            Self::Green | Self::Negative => 1,
            Self::Contested | Self::Positive => 2,
            Self::Amber => 3,
            Self::Red => 4,
        }
    }

    /// The value of a believed code.
    pub(crate) const fn of_code(grade: Grade, contested: bool) -> Self {
        match (grade, contested) {
            (Grade::Green, _) => Self::Green,
            (_, true) => Self::Contested,
            (Grade::Amber, false) => Self::Amber,
            (Grade::Red, false) => Self::Red,
        }
    }
}

/// What one statement amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belief {
    /// It is believed.
    Believed {
        /// What it says.
        value: Value,
        /// Whole minutes since the time that the trust entry measures from.
        age_minutes: u32,
    },
    /// It is not believed, and why.
    Not(State),
}

/// The Chinese name of a believed value or a state, given its name in files; `None` for any other word.
pub fn belief_zh(name: &str) -> Option<&'static str> {
    let exam = Value::Exam { item: None, quality: None };
    let values = Value::NAMED.into_iter().chain([exam]).map(|value| (value.name(), value.name_zh()));
    let states = State::ALL.into_iter().map(|state| (state.name(), state.name_zh()));
    values.chain(states).find(|(known, _)| *known == name).map(|(_, zh)| zh)
}

/// A set of values and states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mask(u16);

impl Mask {
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What both hold.
    pub(crate) const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What this holds and `other` does not.
    pub(crate) const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names in files and in Chinese, values first.
    pub(crate) fn names(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let values =
            Value::NAMED.into_iter().map(|value| (Self::of_value(value), value.name(), value.name_zh()));
        let states =
            State::ALL.into_iter().map(|state| (Self::of_state(state), state.name(), state.name_zh()));
        values.chain(states).filter(move |(bit, ..)| self.meets(*bit)).map(|(_, name, zh)| (name, zh))
    }

    pub(crate) const fn of_state(state: State) -> Self {
        Self(1 << state as u8)
    }

    /// No bit for examination results: cases look at their fields.
    pub(crate) const fn of_value(value: Value) -> Self {
        match value {
            Value::Green => Self(1 << 8),
            Value::Contested => Self(1 << 9),
            Value::Amber => Self(1 << 10),
            Value::Red => Self(1 << 11),
            Value::Negative => Self(1 << 12),
            Value::Positive => Self(1 << 13),
            Value::Exam { .. } => Self(0),
        }
    }

    pub(crate) const fn of(belief: Belief) -> Self {
        match belief {
            Belief::Believed { value, .. } => Self::of_value(value),
            Belief::Not(state) => Self::of_state(state),
        }
    }
}
