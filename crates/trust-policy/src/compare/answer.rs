//! What two answers are to each other: the order of burdens.

use huxin_attest::{Kind, Kinds};

use crate::lang::{Lang, Phrase};
use crate::model::{Outcome, ProvinceMay, Rule};
use crate::terms::{Obligation, Set};
use crate::vocabulary::Vocabulary;

/// What a person is asked, what comes of it, and what the person must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What is asked.
    pub ask: Kinds,
    /// Admit or review.
    pub outcome: Outcome,
    /// What the person must do.
    pub must: Set<Obligation>,
    /// What the person is told; no burden.
    pub say: Box<str>,
}

/// An answer, measured by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// 相同: the same burden.
    Same,
    /// 更严: no lighter, and not the same.
    Stricter,
    /// 更宽: no heavier, and not the same.
    Looser,
    /// 有宽有严: neither.
    Mixed,
}

impl Answer {
    /// The answer of a branch; `None` is `otherwise`. Without a rule, and where it asks nothing, the person is admitted;
    /// `silent` is what is said without a rule.
    pub(super) fn of(rule: Option<&Rule>, case: Option<usize>, silent: &str) -> Self {
        let branch = rule.and_then(|rule| match case {
            Some(index) => rule.cases.get(index).map(|case| &case.branch),
            None => rule.otherwise.as_ref(),
        });
        let unsaid = if rule.is_some() { "" } else { silent };
        Self {
            ask: rule.map_or(Kinds::NONE, |rule| rule.ask),
            outcome: branch.map_or(Outcome::Admit, |branch| branch.outcome),
            must: branch.map_or(Set::default(), |branch| branch.must),
            say: branch.map_or(unsaid, |branch| &branch.say).into(),
        }
    }

    /// Does it ask no less than `other`, and decide heavier, or as heavily with no fewer obligations?
    fn is_no_lighter_than(&self, other: &Self) -> bool {
        other.ask.is_subset(self.ask)
            && (other.outcome < self.outcome
                || other.outcome == self.outcome && other.must.is_subset(self.must))
    }

    /// The answer in a few words of the vocabulary that the policy was read with; what is asked only where it says
    /// something: beside another answer, and where nothing is asked.
    pub fn words(&self, beside: &Self, vocabulary: &Vocabulary, lang: Lang) -> String {
        let asked = |name: fn(Kind) -> &'static str, between| {
            self.ask.iter().map(name).collect::<Vec<_>>().join(between)
        };
        let ask = match (self.ask.is_empty(), self.ask == beside.ask) {
            (true, _) => Phrase::both("不查，", "nothing is asked: "),
            (false, true) => Phrase::from(""),
            (false, false) => Phrase::both(
                format!("查{} → ", asked(Kind::name_zh, "、")),
                format!("asks {}: ", asked(Kind::name, ", ")),
            ),
        };
        let (outcome, between) = match lang {
            Lang::Zh => (self.outcome.name_zh(), "，"),
            Lang::En => (self.outcome.name(), ", "),
        };
        let must = self.must.iter().map(|duty| Phrase::both(vocabulary.name_zh(duty), vocabulary.name(duty)));
        let must: String = must.map(|duty| format!("{between}{}", duty.printable().get(lang))).collect();
        format!("{}{outcome}{must}", ask.get(lang))
    }
}

impl Relation {
    /// All relations.
    pub const ALL: [Self; 4] = [Self::Same, Self::Stricter, Self::Looser, Self::Mixed];

    /// `after`, measured by `before`.
    pub(super) fn of(before: &Answer, after: &Answer) -> Self {
        match (after.is_no_lighter_than(before), before.is_no_lighter_than(after)) {
            (true, true) => Self::Same,
            (true, false) => Self::Stricter,
            (false, true) => Self::Looser,
            (false, false) => Self::Mixed,
        }
    }

    /// May a province do that where the baseline says `may`?
    pub(super) const fn is_granted(self, may: ProvinceMay) -> bool {
        match self {
            Self::Same => true,
            Self::Stricter => matches!(may, ProvinceMay::Tighten | ProvinceMay::Both),
            Self::Looser => matches!(may, ProvinceMay::Loosen | ProvinceMay::Both),
            Self::Mixed => matches!(may, ProvinceMay::Both),
        }
    }

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Stricter => "stricter",
            Self::Looser => "looser",
            Self::Mixed => "mixed",
        }
    }

    /// The name for people, in Chinese.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Same => "相同",
            Self::Stricter => "更严",
            Self::Looser => "更宽",
            Self::Mixed => "有宽有严",
        }
    }
}
