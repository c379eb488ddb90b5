//! One concrete person, as an example for people and for machines.

use huxin_attest::Kind;

use crate::lang::{Lang, Phrase};
use crate::nearest::spoken;
use crate::situation::Situation;
use crate::state::{Belief, State, Value};
use crate::terms::Term;
use crate::vocabulary::Vocabulary;
use crate::when::Cell;

/// One person in one situation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Where and why something is asked.
    pub situation: Situation,
    /// Full years; `None` is unknown.
    pub age: Option<u8>,
    /// What the health code amounts to; `None` where it is not asked for, and so for the others.
    pub code: Option<Belief>,
    /// What the nucleic test amounts to.
    pub pcr: Option<Belief>,
    /// What the examination result amounts to.
    pub exam: Option<Belief>,
    /// Do the rules look at the risk here?
    pub(crate) here_matters: bool,
    /// Do the rules look at the risk where the person comes from?
    pub(crate) from_matters: bool,
}

impl Person {
    /// What each kind amounts to, in the order of [`Kind::TRAVELLING`].
    pub fn evidence(&self) -> [(Kind, Option<Belief>); 3] {
        let [code, pcr, exam] = Kind::TRAVELLING;
        [(code, self.code), (pcr, self.pcr), (exam, self.exam)]
    }

    /// The person in one line, in the words of the vocabulary that the policy was read with. What no rule looks at is
    /// left out.
    pub fn words(&self, vocabulary: &Vocabulary, lang: Lang) -> String {
        self.phrase(vocabulary).get(lang).to_owned()
    }

    pub(crate) fn phrase(&self, vocabulary: &Vocabulary) -> Phrase {
        let age = match self.age {
            Some(age) => Phrase::both(format!("{age} 岁"), format!("aged {age}")),
            None => Phrase::both("年龄不详", "age unknown"),
        };
        let place =
            Cell::of(&self.situation, self.here_matters, self.from_matters).describe(vocabulary).printable();
        let evidence = self.evidence().into_iter();
        let evidence = evidence.filter_map(|(kind, belief)| Some(of_kind(kind, belief?, vocabulary)));
        let parts: Vec<_> = [age, place].into_iter().chain(evidence).collect();
        let joined =
            |lang, between: &str| parts.iter().map(|part| part.get(lang)).collect::<Vec<_>>().join(between);
        Phrase::both(joined(Lang::Zh, "，"), joined(Lang::En, ", "))
    }
}

fn of_kind(kind: Kind, belief: Belief, vocabulary: &Vocabulary) -> Phrase {
    let (zh, en) = match kind {
        Kind::HealthCode => ("健康码", "health code"),
        Kind::NucleicTest => ("核酸", "nucleic test"),
        Kind::ExamResult | Kind::Evidence => ("检查检验结果", "examination"),
    };
    match belief {
        Belief::Not(State::None) => Phrase::both(format!("没有{zh}"), format!("no {en}")),
        Belief::Not(state) => {
            Phrase::both(format!("{zh}“{}”", state.name_zh()), format!("{en} {}", state.name()))
        }
        Belief::Believed { value: Value::Exam { item, quality }, age_minutes } => {
            let (item_zh, item_en) = listed(item, vocabulary);
            let (quality_zh, quality_en) = listed(quality, vocabulary);
            let (age_zh, age_en) = spoken(age_minutes);
            Phrase::both(
                format!("{zh}“{item_zh}”，质控标识“{quality_zh}”，已有{age_zh}"),
                format!("{en} {item_en}, quality mark {quality_en}, {age_en} old"),
            )
        }
        Belief::Believed { value, age_minutes } if kind == Kind::NucleicTest => {
            let (age_zh, age_en) = spoken(age_minutes);
            Phrase::both(
                format!("{zh}“{}”，已有{age_zh}", value.name_zh()),
                format!("{en} {}, {age_en} old", value.name()),
            )
        }
        Belief::Believed { value, .. } => {
            Phrase::both(format!("{zh}“{}”", value.name_zh()), format!("{en} {}", value.name()))
        }
    }
}

fn listed<T: Term>(term: Option<T>, vocabulary: &Vocabulary) -> (String, String) {
    let Some(term) = term else { return ("未列入词表".into(), "not listed".into()) };
    let phrase = Phrase::both(vocabulary.name_zh(term), vocabulary.name(term)).printable();
    (phrase.get(Lang::Zh).to_owned(), phrase.get(Lang::En).to_owned())
}
