//! The store against a model that keeps everything in one list and works out each answer from scratch.

use huxin_attest::{DepartmentName, TestResult, UnixSecs};
use proptest::prelude::*;

use super::*;
use crate::testing::{contest, digest, secs, state, withdraw};

/// One of few statements, so that the same, older and newer ones meet.
#[derive(Debug, Clone, Copy)]
struct Word {
    code: bool,
    hop: u8,
    department: u8,
    order: i64,
    stated: i64,
    bad: bool,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    State(Word),
    /// The statement with this index among those stated so far.
    Withdraw(prop::sample::Index),
    Contest(prop::sample::Index),
}

fn word() -> impl Strategy<Value = Word> {
    (any::<bool>(), prop_oneof![4 => Just(0_u8), 1 => Just(1)], 0..2_u8, 0..4_i64, 0..2_i64, any::<bool>())
        .prop_map(|(code, hop, department, order, stated, bad)| Word {
            code,
            hop,
            department,
            order,
            stated,
            bad,
        })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => word().prop_map(Act::State),
        2 => any::<prop::sample::Index>().prop_map(Act::Withdraw),
        1 => any::<prop::sample::Index>().prop_map(Act::Contest),
    ]
}

fn write(word: Word) -> Write {
    let kind = if word.code { Kind::HealthCode } else { Kind::NucleicTest };
    state(1, kind, &format!("d{}", word.department), |fields| {
        fields.hop = word.hop;
        if word.code {
            fields.status = if word.bad { "10".parse().ok() } else { "00".parse().ok() };
            fields.stated_at = secs(word.order);
        } else {
            fields.result = Some(if word.bad { TestResult::Positive } else { TestResult::Negative });
            fields.sampled_at = Some(secs(word.order - 100));
            fields.reported_at = Some(secs(0));
            fields.stated_at = secs(word.stated);
        }
    })
}

type Chain = (Kind, bool, DepartmentName);
type Place = (UnixSecs, UnixSecs, Digest);

struct Kept {
    write: Write,
    chain: Chain,
    place: Place,
    bad: bool,
    withdrawn: bool,
    standing: Standing,
}

#[derive(Default)]
struct Model {
    kept: Vec<Kept>,
    ends: Vec<(Chain, Place)>,
}

impl Model {
    fn head(&self, chain: Chain) -> Option<&Kept> {
        let ended = |place| self.ends.iter().any(|(other, end)| *other == chain && place <= *end);
        let live =
            self.kept.iter().filter(|kept| kept.chain == chain && !kept.withdrawn && !ended(kept.place));
        live.max_by_key(|kept| kept.place)
    }

    fn is_head(&self, at: usize) -> bool {
        self.head(self.kept[at].chain).is_some_and(|head| head.place == self.kept[at].place)
    }

    fn state(&mut self, write: Write, bad: bool) -> Outcome {
        let Write::State { attestation, .. } = &write else { unreachable!() };
        if self.kept.iter().any(|kept| digest(&kept.write) == attestation.digest) {
            return Outcome::Known;
        }
        let claims = &attestation.claims;
        let order = claims.sampled_at.or(claims.reported_at).unwrap_or(claims.stated_at);
        let (chain, place) =
            ((claims.kind, claims.hop > 0, claims.department), (order, claims.stated_at, attestation.digest));
        self.kept.push(Kept { write, chain, place, bad, withdrawn: false, standing: Standing::None });
        if self.is_head(self.kept.len() - 1) { Outcome::Done } else { Outcome::Late }
    }

    fn withdraw(&mut self, at: usize) -> Outcome {
        let (head, kept) = (self.is_head(at), &mut self.kept[at]);
        if std::mem::replace(&mut kept.withdrawn, true) {
            return Outcome::Known;
        }
        if head && kept.chain.0 == Kind::HealthCode {
            self.ends.push((kept.chain, kept.place));
        }
        Outcome::Done
    }

    fn contest(&mut self, at: usize) -> Outcome {
        let before = std::mem::replace(&mut self.kept[at].standing, Standing::Contested);
        if before == Standing::Contested { Outcome::Known } else { Outcome::Done }
    }

    fn answer(&self) -> Vec<(Digest, Standing)> {
        let heads = (0..self.kept.len()).filter(|at| self.is_head(*at) && !self.kept[*at].withdrawn);
        let mut heads: Vec<&Kept> = heads.map(|at| &self.kept[at]).collect();
        heads.sort_by(|a, b| {
            let key = |kept: &Kept| (kept.chain.0, kept.chain.1);
            key(a).cmp(&key(b)).then_with(|| (b.bad, b.place).cmp(&(a.bad, a.place)))
        });
        heads.into_iter().map(|kept| (digest(&kept.write), kept.standing)).collect()
    }
}

/// The write that an act means now, and what the model expects of it.
fn play(model: &mut Model, act: Act) -> Option<(Write, Outcome)> {
    match act {
        Act::State(word) => {
            let write = write(word);
            Some((write.clone(), model.state(write, word.bad)))
        }
        Act::Withdraw(_) | Act::Contest(_) if model.kept.is_empty() => None,
        Act::Withdraw(at) => {
            let at = at.index(model.kept.len());
            Some((withdraw(&model.kept[at].write), model.withdraw(at)))
        }
        Act::Contest(at) => {
            let at = at.index(model.kept.len());
            Some((contest(&model.kept[at].write, Standing::Contested), model.contest(at)))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_answer_is_that_of_the_model(acts in prop::collection::vec(act(), 1..40), batch in 1..6_usize) {
        let (registry, mut model) = (memory(), Model::default());
        for acts in acts.chunks(batch) {
            let before = model.answer();
            let (writes, expected): (Vec<_>, Vec<_>) =
                acts.iter().filter_map(|act| play(&mut model, *act)).unzip();
            let (outcomes, changes) = commit(&registry, &writes);
            prop_assert_eq!(outcomes, expected);
            let found = registry.look_up(&person(1), all()).unwrap();
            let answer: Vec<_> = found.heads.iter().map(|held| (held.digest, held.standing)).collect();
            prop_assert_eq!(&answer, &model.answer());
            let own = |answer: Vec<(Digest, Standing)>| {
                let hops: Vec<_> = model.kept.iter().map(|kept| (digest(&kept.write), kept.chain.1)).collect();
                answer.into_iter().filter(|(name, _)| hops.contains(&(*name, false))).collect::<Vec<_>>()
            };
            if own(before) != own(answer) {
                prop_assert_eq!(changes.len(), 1);
            }
            prop_assert_eq!(registry.counts().unwrap().statements, model.kept.len() as u64);
            prop_assert_eq!(states(&registry, 1).len(), model.kept.len());
        }
    }
}
