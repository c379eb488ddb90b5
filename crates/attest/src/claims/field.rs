//! The optional claims as a set, so that a kind can say which it needs and which it refuses.

use std::fmt;

/// A claim that a statement may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Field {
    /// `native_label`
    NativeLabel = 5,
    /// `status`
    Status = 6,
    /// `local_reason`
    LocalReason = 7,
    /// `assigner`
    Assigner = 8,
    /// `assigner_role`
    AssignerRole = 9,
    /// `assigned_for`
    AssignedFor = 10,
    /// `evidence`
    Evidence = 11,
    /// `sampled_at`
    SampledAt = 12,
    /// `reported_at`
    ReportedAt = 13,
    /// `result`
    Result = 14,
    /// `item`
    Item = 15,
    /// `quality`
    Quality = 16,
    /// `valid_until`
    ValidUntil = 18,
    /// `appeal`
    Appeal = 19,
}

impl Field {
    /// All of them, in the order of their keys.
    pub const ALL: [Self; 14] = [
        Self::NativeLabel,
        Self::Status,
        Self::LocalReason,
        Self::Assigner,
        Self::AssignerRole,
        Self::AssignedFor,
        Self::Evidence,
        Self::SampledAt,
        Self::ReportedAt,
        Self::Result,
        Self::Item,
        Self::Quality,
        Self::ValidUntil,
        Self::Appeal,
    ];

    /// The key in the signed map.
    pub const fn key(self) -> u8 {
        self as u8
    }

    /// The name in the CDDL and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NativeLabel => "native_label",
            Self::Status => "status",
            Self::LocalReason => "local_reason",
            Self::Assigner => "assigner",
            Self::AssignerRole => "assigner_role",
            Self::AssignedFor => "assigned_for",
            Self::Evidence => "evidence",
            Self::SampledAt => "sampled_at",
            Self::ReportedAt => "reported_at",
            Self::Result => "result",
            Self::Item => "item",
            Self::Quality => "quality",
            Self::ValidUntil => "valid_until",
            Self::Appeal => "appeal",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of optional claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fields(u32);

impl Fields {
    pub(crate) const fn of(fields: &[Field]) -> Self {
        let mut set = 0;
        let mut rest = fields;
        while let [field, others @ ..] = rest {
            set |= 1 << *field as u32;
            rest = others;
        }
        Self(set)
    }

    pub(crate) const fn with(self, field: Field, present: bool) -> Self {
        Self(self.0 | (present as u32) << field as u32)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub(crate) fn first(self) -> Option<Field> {
        Field::ALL.into_iter().find(|field| self.0 & (1 << *field as u32) != 0)
    }
}
