//! A policy once checked: what the files say, as types that cannot be wrong. Compiling adds indexes only.
//!
//! Spans stay beside what later checks may still find fault with.

use huxin_attest::{AreaPrefix, Digest, Kind, Kinds, RegionCode, UnixMs};

use crate::diagnostics::Span;
use crate::duration::Minutes;
use crate::example::Example;
use crate::grade::Grade;
use crate::state::Mask;
use crate::terms::{
    AssignedFor, Assigner, DepartmentCategory, Evidence, ExamItem, ExamQuality, Obligation, Place, Purpose,
    Risk, Set,
};
use crate::when::When;

/// `[policy]`.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) id: Box<str>,
    pub(crate) id_span: Span,
    pub(crate) version: u32,
    pub(crate) title: Box<str>,
    pub(crate) owner: Box<str>,
    pub(crate) basis: Box<str>,
    pub(crate) basis_span: Span,
    pub(crate) from: UnixMs,
    pub(crate) until: UnixMs,
    pub(crate) until_span: Span,
    pub(crate) digest: Digest,
}

/// The national file.
#[derive(Debug, Clone)]
pub(crate) struct Baseline {
    pub(crate) header: Header,
    pub(crate) vocabulary: (Box<str>, u32, Span),
    pub(crate) fallback: Fallback,
    pub(crate) trusts: Vec<Trust>,
    pub(crate) disclosures: Vec<Disclosure>,
    pub(crate) grades: Grades,
    pub(crate) hours: Hours,
    pub(crate) rules: Vec<Rule>,
    pub(crate) examples: Vec<Example>,
}

/// A province's file.
#[derive(Debug, Clone)]
pub(crate) struct Overlay {
    pub(crate) header: Header,
    pub(crate) region: (RegionCode, Span),
    pub(crate) extends: (Box<str>, Span),
    pub(crate) distrusts: Vec<Distrust>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) examples: Vec<Example>,
}

/// What an overlay may change of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvinceMay {
    /// 不得改动.
    Nothing,
    /// 只许放宽.
    Loosen,
    /// 只许收紧.
    Tighten,
    /// 两者皆可.
    Both,
}

impl ProvinceMay {
    /// All words, as files write them.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Loosen, Self::Tighten, Self::Both];

    /// The word in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Loosen => "loosen",
            Self::Tighten => "tighten",
            Self::Both => "both",
        }
    }

    /// In words for people: Chinese, English.
    pub(crate) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Nothing => ("省级不得改动", "a province may change nothing"),
            Self::Loosen => ("只许放宽", "a province may only loosen"),
            Self::Tighten => ("只许收紧", "a province may only tighten"),
            Self::Both => ("可放宽也可收紧", "a province may loosen and tighten"),
        }
    }
}

/// `[otherwise]`: where no rule reaches.
#[derive(Debug, Clone)]
pub(crate) struct Fallback {
    pub(crate) say: Box<str>,
    pub(crate) appeal: Appeal,
    pub(crate) province_may: ProvinceMay,
}

/// 申诉: how to appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Whom to call or write to.
    pub contact: Box<str>,
    /// How soon an answer is owed; `None` where no time limit is known.
    pub answer_within: Option<Minutes>,
}

/// The signers that an entry covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Issuers(u128);

impl Issuers {
    pub(crate) const ALL: Self = Self(u128::MAX);
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn contains(self, region: RegionCode) -> bool {
        self.0 & Self::bit(region) != 0
    }

    pub(crate) fn with(self, region: RegionCode) -> Self {
        Self(self.0 | Self::bit(region))
    }

    pub(crate) fn is_all(self) -> bool {
        self == Self::ALL
    }

    pub(crate) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The codes, in order; for `all` every code that there is.
    pub(crate) fn iter(self) -> impl Iterator<Item = RegionCode> {
        (0..100).filter_map(|code| RegionCode::new(code).ok()).filter(move |region| self.contains(*region))
    }

    /// A region that both cover; `None` inside means that both cover all.
    pub(crate) fn shared(self, other: Self) -> Option<Option<RegionCode>> {
        let both = self.0 & other.0;
        if both == u128::MAX {
            return Some(None);
        }
        Self(both).iter().next().map(Some)
    }

    /// Codes are below 100, so each has a bit of its own.
    fn bit(region: RegionCode) -> u128 {
        1_u128.checked_shl(region.as_u8().into()).unwrap_or_default()
    }
}

/// From which signed time an age is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MeasuredFrom {
    /// 采样.
    Sample,
    /// 报告.
    Report,
    /// 来源省核实.
    Check,
}

/// `[[trust]]`: whom we believe.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    pub(crate) id: Box<str>,
    pub(crate) id_span: Span,
    pub(crate) kind: Kind,
    pub(crate) issuers: Issuers,
    pub(crate) departments: Set<DepartmentCategory>,
    pub(crate) max_age: Minutes,
    pub(crate) measured_from: MeasuredFrom,
    pub(crate) red_or_amber: Option<Foundation>,
    pub(crate) province_may_distrust: Option<DistrustLimits>,
}

/// What a red or amber code must rest on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Foundation {
    pub(crate) assigners: Set<Assigner>,
    pub(crate) assigned_for: Set<AssignedFor>,
    pub(crate) evidence_any: Set<Evidence>,
}

/// How far an overlay may distrust.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DistrustLimits {
    pub(crate) days: u32,
    pub(crate) issuers: u32,
    pub(crate) again_after_days: u32,
}

/// `[[disclose]]`: what this node tells others.
#[derive(Debug, Clone)]
pub struct Disclosure {
    /// The entry's id, such as `D-10`.
    pub id: Box<str>,
    /// The kinds that may be told.
    pub kinds: Kinds,
    /// The purposes for which.
    pub purposes: Set<Purpose>,
    /// The asking departments, by category.
    pub to_departments: Set<DepartmentCategory>,
    /// Questions a peer and minute.
    pub per_peer_per_minute: u32,
    /// Questions about people whom nobody knows, a peer and hour; more looks like enumeration.
    pub misses_per_peer_per_hour: u32,
    pub(crate) id_span: Span,
}

/// `[grades]`: labels to grades.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grades {
    pub(crate) all: Labels,
    pub(crate) by_region: Vec<(RegionCode, Labels)>,
    /// Of the tables' names; `None` is `all`.
    pub(crate) spans: Vec<(Option<RegionCode>, Span)>,
}

/// One table of labels, sorted.
pub(crate) type Labels = Vec<(Box<str>, Grade)>;

/// `[hours.by_place]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hours(pub(crate) Vec<(Place, Risk, Minutes)>);

/// `[[distrust]]`.
#[derive(Debug, Clone)]
pub(crate) struct Distrust {
    pub(crate) id: Box<str>,
    pub(crate) id_span: Span,
    pub(crate) kind: Kind,
    pub(crate) issuers: Issuers,
    /// `None`: all.
    pub(crate) departments: Option<Set<DepartmentCategory>>,
    pub(crate) say: Box<str>,
    pub(crate) owner: Box<str>,
    pub(crate) basis: Box<str>,
    pub(crate) basis_span: Span,
    pub(crate) from: UnixMs,
    pub(crate) until: UnixMs,
}

/// `[[rule]]`.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: Box<str>,
    pub(crate) id_span: Span,
    pub(crate) title: Box<str>,
    pub(crate) when: When,
    pub(crate) when_span: Span,
    /// Of each of the areas in `when`.
    pub(crate) area_spans: Vec<Span>,
    pub(crate) ask: Kinds,
    pub(crate) ask_span: Span,
    pub(crate) cases: Vec<Case>,
    /// Present exactly if something is asked.
    pub(crate) otherwise: Option<Branch>,
    pub(crate) owner: Box<str>,
    pub(crate) basis: Box<str>,
    pub(crate) basis_span: Span,
    /// Of the baseline only.
    pub(crate) province_may: Option<ProvinceMay>,
    /// Of an overlay only.
    pub(crate) replaces: Option<(Box<str>, Span)>,
}

/// One line of `cases`.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) id: Box<str>,
    pub(crate) id_span: Span,
    pub(crate) conditions: Conditions,
    pub(crate) branch: Branch,
}

/// What must hold, all of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) age_below: Option<u8>,
    pub(crate) code: Option<Mask>,
    pub(crate) pcr: Option<Mask>,
    pub(crate) pcr_within: Option<(Within, Span)>,
    pub(crate) exam_item: Option<Set<ExamItem>>,
    pub(crate) exam_quality: Option<Set<ExamQuality>>,
    pub(crate) exam_within: Option<Minutes>,
}

/// A time limit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Within {
    Minutes(Minutes),
    ByPlace,
}

/// What follows.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub(crate) outcome: Outcome,
    pub(crate) say: Box<str>,
    pub(crate) must: Set<Obligation>,
}

/// What the machine answers. Only a person refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// 放行.
    Admit,
    /// 转人工.
    Review,
}

impl Outcome {
    /// The word in files and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Review => "review",
        }
    }

    /// The word for people, in Chinese.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Admit => "放行",
            Self::Review => "转人工",
        }
    }
}

/// Areas of a box: `None` is everywhere, a missing area included.
pub(crate) type Areas = Option<Vec<AreaPrefix>>;
