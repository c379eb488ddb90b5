//! The grades of a health code, fixed by format 1.

/// A national grade. The order is the order of gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    /// 绿.
    Green,
    /// 黄.
    Amber,
    /// 红.
    Red,
}

impl Grade {
    /// All grades, the lightest first.
    pub const ALL: [Self; 3] = [Self::Green, Self::Amber, Self::Red];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}
