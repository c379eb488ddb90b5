//! From a line of the decision log to a case that a policy can judge, and the labels that it has no grade for.

use huxin_attest::{CodeStatus, Kind, Kinds, RegionCode, TestResult};

use super::{LoggedDecision, LoggedGiven, LoggedStatement, NotReadable, Stated};
use crate::duration::Minutes;
use crate::example::{Given, GivenStatement};
use crate::given::GivenCase;
use crate::grade::Grade;
use crate::policy::Policy;
use crate::situation::Situation;
use crate::state::State;
use crate::statement::Standing;
use crate::terms::Term;
use crate::vocabulary::Vocabulary;

/// The most statements of one kind.
const MAX_STATEMENTS: usize = 256;

/// A label of a statement that the tables of `[grades]` do not map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnmappedLabel {
    /// The province that states it.
    pub region: RegionCode,
    /// The statement's key: `status`, `label` or `reason`.
    pub key: &'static str,
    /// The label.
    pub label: String,
    /// No other part of the statement maps either: it is `unmapped`, and decides nothing.
    pub undecided: bool,
}

impl LoggedDecision {
    /// The case, for policies of this vocabulary.
    ///
    /// # Errors
    /// If the situation holds a word that the vocabulary does not list, or a value is out of its bounds.
    pub fn case(&self, vocabulary: &Vocabulary) -> Result<GivenCase, NotReadable> {
        let LoggedGiven { purpose, place, area, here_risk, from_risk, age, code, pcr, exam } = &self.given;
        let situation = Situation {
            purpose: listed(vocabulary, "purpose", purpose)?,
            place: place.as_ref().map(|name| listed(vocabulary, "place", name)).transpose()?,
            area: area.as_ref().map(|area| parsed("area", area.parse().ok(), area)).transpose()?,
            here_risk: match here_risk {
                Some(name) => listed(vocabulary, "here_risk", name)?,
                None => vocabulary.unknown(),
            },
            from_risk: match from_risk {
                Some(name) => listed(vocabulary, "from_risk", name)?,
                None => vocabulary.unknown(),
            },
        };
        let unreachable = self.unreachable.iter().map(|name| kind(name)).collect::<Result<Kinds, _>>()?;
        let [of_code, of_test, of_exam] = Kind::TRAVELLING;
        let evidence = [
            code.given(of_code, vocabulary)?,
            pcr.given(of_test, vocabulary)?,
            exam.given(of_exam, vocabulary)?,
        ];
        Ok(GivenCase { situation, age: *age, evidence, unreachable })
    }
}

impl Stated {
    fn given(&self, kind: Kind, vocabulary: &Vocabulary) -> Result<Given, NotReadable> {
        match self {
            Self::State(name) => {
                let state = State::ALL.into_iter().find(|state| state.name() == name);
                parsed("state", state, name).map(Given::State)
            }
            Self::Statements(all) if all.len() > MAX_STATEMENTS => {
                Err(NotReadable::of(format!("more than {MAX_STATEMENTS} statements of one kind")))
            }
            Self::Statements(all) => {
                let all = all.iter().map(|one| one.given(kind, vocabulary));
                all.collect::<Result<_, _>>().map(Given::Statements)
            }
        }
    }
}

impl LoggedStatement {
    fn given(&self, kind: Kind, vocabulary: &Vocabulary) -> Result<GivenStatement, NotReadable> {
        let Self { from, by, hop, label, reason, evidence, .. } = self;
        let issuer = parsed("from", from.parse().ok(), from)?;
        let mut statement = GivenStatement::new(kind, issuer, listed(vocabulary, "by", by)?);
        let age = |key, text: &Option<String>| {
            text.as_ref().map(|text| parsed(key, Minutes::parse(text), text)).transpose()
        };
        statement.copy = hop.is_some_and(|hop| hop > 0);
        statement.checked = age("checked", &self.checked)?;
        statement.reported = age("reported", &self.reported)?;
        statement.sampled = age("sampled", &self.sampled)?;
        statement.standing = match self.appeal.as_deref() {
            None => Standing::None,
            Some("open") => Standing::Contested,
            Some("overdue") => Standing::Overdue,
            Some(other) => return Err(NotReadable::word("appeal", other)),
        };
        statement.status = one_of("status", &self.status, CodeStatus::ALL, CodeStatus::code)?;
        statement.result = one_of("result", &self.result, TestResult::ALL, TestResult::name)?;
        statement.label = label.as_deref().map(Into::into);
        statement.reason = reason.as_deref().map(Into::into);
        statement.assigner = self.assigner.as_ref().and_then(|name| vocabulary.find(name));
        statement.assigned_for = self.assigned_for.as_ref().and_then(|name| vocabulary.find(name));
        statement.evidence = evidence.iter().filter_map(|name| vocabulary.find(name)).collect();
        statement.item = self.item.as_ref().and_then(|name| vocabulary.find(name));
        statement.quality = self.quality.as_ref().and_then(|name| vocabulary.find(name));
        Ok(statement)
    }
}

impl Policy {
    /// The labels of a decision's codes that no table of `[grades]` maps, in the order of statements.
    pub fn unmapped_labels(&self, decision: &LoggedDecision) -> Vec<UnmappedLabel> {
        let mut found = Vec::new();
        for statement in decision.given.code.statements() {
            let Ok(region) = statement.from.parse::<RegionCode>() else { continue };
            let grade = |label| self.grade(region, [Some(label), None, None]);
            let labels = || statement.labels().into_iter().filter_map(|(key, label)| Some((key, label?)));
            let undecided = labels().all(|(_, label)| grade(label).is_none());
            let unmapped = labels().filter(|(_, label)| grade(label).is_none());
            found.extend(unmapped.map(|(key, label)| {
                let label = label.to_owned();
                UnmappedLabel { region, key, label, undecided }
            }));
        }
        found
    }

    /// The grade of one label of a province; `None`: no table maps it.
    pub fn grade_of(&self, region: RegionCode, label: &str) -> Option<Grade> {
        self.grade(region, [Some(label), None, None])
    }
}

fn parsed<T>(key: &str, value: Option<T>, text: &str) -> Result<T, NotReadable> {
    value.ok_or_else(|| NotReadable::word(key, text))
}

fn listed<T: Term>(vocabulary: &Vocabulary, key: &str, name: &str) -> Result<T, NotReadable> {
    vocabulary.find(name).ok_or_else(|| {
        let NotReadable { message, .. } = NotReadable::word(key, name);
        NotReadable::of(message + ": the vocabulary does not list it")
    })
}

fn one_of<T: Copy, const N: usize>(
    key: &str,
    word: &Option<String>,
    all: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, NotReadable> {
    let Some(word) = word else { return Ok(None) };
    parsed(key, all.into_iter().find(|one| name(*one) == word), word).map(Some)
}

fn kind(name: &str) -> Result<Kind, NotReadable> {
    parsed("unreachable", name.parse().ok().filter(|kind: &Kind| kind.travels()), name)
}
