//! What a finding is: an error, which makes a file invalid, or a warning, which does not.

use std::fmt;

use super::row::Row;
use super::{Code, Lint};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// 错误: the file cannot be used.
    Error,
    /// 警告: the file can be used, and somebody should look at it again.
    Warning,
}

impl Severity {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    /// The name for people, in Chinese.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Error => "错误",
            Self::Warning => "警告",
        }
    }
}

/// One code of either table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Issue {
    Error(Code),
    Warning(Lint),
}

impl Issue {
    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Error(_) => Severity::Error,
            Self::Warning(_) => Severity::Warning,
        }
    }

    pub(super) const fn row(self) -> Row {
        match self {
            Self::Error(code) => code.row(),
            Self::Warning(lint) => lint.row(),
        }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(code) => code.fmt(f),
            Self::Warning(lint) => lint.fmt(f),
        }
    }
}
