//! The nine don'ts of 2022-06-05 (九不准), as far as a rule can show one.
//!
//! 1 widening restricted areas, 2 turning back or isolating people from low-risk areas, 4 widening who counts as a risk,
//! 6 refusing treatment, 8 checkpoints of one's own, 9 closing places in low-risk areas. Not visible in a rule, because
//! the language cannot say it: 3 longer control periods and 5 longer isolation (a rule has no duration of either),
//! 7 isolating returning students (a rule does not know who studies). Nothing is guessed about these.
//!
//! The lints go by the names `travel`, `visit`, `treatment`, `hospital`, `care_home` and `school`; a vocabulary without
//! them gets fewer lints, and no false ones.

use crate::diagnostics::{Lint, Sink};
use crate::lang::Phrase;
use crate::model::{Branch, Outcome, Rule};
use crate::state::{Mask, State, Value};
use crate::terms::{Obligation, Place, Purpose, Risk, Set};
use crate::vocabulary::Vocabulary;
use crate::when::When;

/// Places that rules of the time keep apart from others: there a check in a low-risk area is no surprise.
const SPECIAL_PLACES: [&str; 3] = ["hospital", "care_home", "school"];
/// Words that turn people back or isolate them.
const TURNED_BACK: [&str; 6] = ["劝返", "隔离", "isolat", "quarantin", "turn back", "send back"];

/// What any rule may show.
pub(super) fn rule(sink: &mut Sink<'_>, rule: &Rule, vocabulary: &Vocabulary) {
    if rule.ask.is_empty() {
        return;
    }
    let asks_for =
        |name| vocabulary.purpose(name).is_some_and(|purpose| rule.when.purposes.contains(purpose));
    if asks_for("treatment") {
        sink.warn(Lint::TreatmentChecked, rule.ask_span, [(*rule.id).into()]);
    }
    if let Some(travel) = vocabulary.purpose("travel").filter(|_| asks_for("travel")) {
        travelling(sink, rule, travel, vocabulary);
    }
    if let Some(visit) = vocabulary.purpose("visit").filter(|_| asks_for("visit")) {
        visiting(sink, rule, visit, vocabulary);
    }
    widened(sink, rule);
}

/// Don't 8, which only an overlay can show: a check of travellers where the baseline has no rule.
pub(super) fn own_checkpoint(sink: &mut Sink<'_>, rule: &Rule, vocabulary: &Vocabulary) {
    let travel = vocabulary.purpose("travel").is_some_and(|travel| rule.when.purposes.contains(travel));
    if travel && rule.replaces.is_none() && !rule.ask.is_empty() {
        sink.warn(Lint::OwnCheckpoint, rule.id_span, [(*rule.id).into()]);
    }
}

/// Don'ts 1 and 2 for people from low-risk areas.
fn travelling(sink: &mut Sink<'_>, rule: &Rule, travel: Purpose, vocabulary: &Vocabulary) {
    let low = vocabulary.low();
    if !takes_in(rule.when.from, low) {
        return;
    }
    let lighter = Set::default().with(low).with(vocabulary.unknown());
    let risky = vocabulary.all().minus(lighter);
    let from = rule.when.from.unwrap_or(risky).intersection(risky);
    if !from.is_empty() {
        let narrow = When { from: Some(Set::default().with(low)), ..only(travel) };
        warn_of(sink, Lint::LowRiskRestricted, rule, &narrow, vocabulary);
    }
    if let Some(how) = turned_back(rule, vocabulary) {
        sink.warn(Lint::LowRiskArrivalsTurnedBack, rule.when_span, [(*rule.id).into(), how]);
    }
}

/// Don'ts 1 and 9 for places in low-risk areas, and for people who do not come from elsewhere.
fn visiting(sink: &mut Sink<'_>, rule: &Rule, visit: Purpose, vocabulary: &Vocabulary) {
    let low = vocabulary.low();
    if !takes_in(rule.when.here, low) || !takes_in(rule.when.from, low) {
        return;
    }
    let here = When { here: Some(Set::default().with(low)), ..only(visit) };
    let special: Set<Place> = SPECIAL_PLACES.iter().filter_map(|name| vocabulary.place(name)).collect();
    let general = rule.when.places.unwrap_or_else(|| vocabulary.all()).minus(special);
    if !general.is_empty() {
        let narrow = When { places: Some(general), ..here.clone() };
        warn_of(sink, Lint::LowRiskRestricted, rule, &narrow, vocabulary);
    }
    if !admits_somebody(rule) {
        warn_of(sink, Lint::LowRiskPlacesClosed, rule, &here, vocabulary);
    }
}

/// Don't 4: a code that rests on nothing is treated as a red or amber one.
fn widened(sink: &mut Sink<'_>, rule: &Rule) {
    let coloured = Mask::of_value(Value::Amber).with(Mask::of_value(Value::Red));
    let baseless = Mask::of_state(State::Unfounded).with(Mask::of_state(State::Hearsay));
    for case in rule.cases.iter().filter(|case| case.branch.outcome == Outcome::Review) {
        let Some(named) = case.conditions.code.filter(|named| named.meets(coloured)) else { continue };
        let wrong = named.intersection(baseless);
        if !wrong.is_empty() {
            let names: Vec<_> = wrong.names().map(|(name, _)| name).collect();
            let args = [(*case.id).into(), names.join(", ").into()];
            sink.warn(Lint::RiskPersonsWidened, case.id_span, args);
        }
    }
}

/// Nobody is admitted, or somebody is told to go back or into isolation.
fn turned_back(rule: &Rule, vocabulary: &Vocabulary) -> Option<Phrase> {
    if !admits_somebody(rule) {
        return Some(Phrase::both("一律转人工，什么证明都不放行", "reviews everyone and admits nobody"));
    }
    let branches = rule.cases.iter().map(|case| &case.branch).chain(&rule.otherwise);
    branches.into_iter().find_map(|branch| demand(branch, vocabulary)).map(|word| {
        Phrase::both(
            format!("要求“{}”", word.get(crate::Lang::Zh)),
            format!("demands `{}`", word.get(crate::Lang::En)),
        )
    })
}

fn demand(branch: &Branch, vocabulary: &Vocabulary) -> Option<Phrase> {
    let is_demand = |text: &str| {
        let lower = text.to_lowercase();
        TURNED_BACK.iter().any(|word| lower.contains(word))
    };
    if is_demand(&branch.say) {
        return Some((*branch.say).into());
    }
    let names = |obligation: Obligation| (vocabulary.name_zh(obligation), vocabulary.name_en(obligation));
    let found = branch.must.iter().map(names).find(|(zh, en)| is_demand(zh) || is_demand(en));
    found.map(|(zh, en)| Phrase::both(zh, en))
}

/// Is somebody admitted for what he shows, and not only for his age?
fn admits_somebody(rule: &Rule) -> bool {
    let by_case = rule
        .cases
        .iter()
        .any(|case| case.branch.outcome == Outcome::Admit && case.conditions.age_below.is_none());
    by_case || rule.otherwise.as_ref().is_some_and(|branch| branch.outcome == Outcome::Admit)
}

fn takes_in(risks: Option<Set<Risk>>, risk: Risk) -> bool {
    risks.is_none_or(|risks| risks.contains(risk))
}

/// The box of everything for one purpose.
fn only(purpose: Purpose) -> When {
    When { purposes: Set::default().with(purpose), places: None, here: None, from: None, areas: None }
}

/// Warns with an example: a cell that the rule shares with `narrow`.
fn warn_of(sink: &mut Sink<'_>, lint: Lint, rule: &Rule, narrow: &When, vocabulary: &Vocabulary) {
    if let Some(cell) = rule.when.shared(narrow) {
        sink.warn(lint, rule.when_span, [(*rule.id).into(), cell.describe(vocabulary)]);
    }
}
