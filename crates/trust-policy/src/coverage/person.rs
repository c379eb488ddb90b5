//! A person of the comparison as an `[[example]]` of TOML: where it is believed only that something amounts to a value, a
//! statement is found that does.

use std::fmt::Write as _;

use huxin_attest::{CodeStatus, Kind, RegionCode};

use crate::compare::{Person, RuleRef};
use crate::diagnostics::Source;
use crate::duration::Minutes;
use crate::example::GivenStatement;
use crate::given::{GivenCase, Timing};
use crate::grade::Grade;
use crate::model::{MeasuredFrom, Overlay, Trust};
use crate::policy::Policy;
use crate::state::{Belief, Value};
use crate::statement::Standing;
use crate::vocabulary::Vocabulary;

/// The example, if the policy answers it by `rule`, and the baseline alone by `baseline`.
pub(super) fn skeleton(
    policy: &Policy,
    overlay: Option<&Overlay>,
    person: &Person,
    rule: &RuleRef,
    baseline: Option<&RuleRef>,
) -> Option<String> {
    let given = given(policy, overlay, person)?;
    let case =
        GivenCase::parse(Source { name: "", text: &format!("given = {given}") }, &policy.vocabulary).ok()?;
    let decided = |by| super::reference(&policy.judge_given(by, &case, Timing::Regardless).decision);
    if decided(overlay) != *rule || baseline.is_some_and(|baseline| decided(None) != *baseline) {
        return None;
    }
    let outcome = policy.judge_given(overlay, &case, Timing::Regardless).decision.outcome.name();
    let by = rule.rule.as_deref().unwrap_or_default();
    let named = |reference: &RuleRef| {
        let parts = [&reference.rule, &reference.case].into_iter().flatten();
        parts.map(|part| &**part).collect::<Vec<_>>().join(" / ")
    };
    let name = match baseline.map(named).filter(|name| !name.is_empty()) {
        Some(baseline) => format!("{baseline} → {}", named(rule)),
        None => named(rule),
    };
    let case = rule.case.as_deref().map(|case| format!(", case = \"{case}\"")).unwrap_or_default();
    Some(format!(
        "[[example]]\nname = \"{name}\"\ngiven = {given}\nexpect = {{ then = \"{outcome}\", by = \"{by}\"{case} }}\n"
    ))
}

/// The `given` of an example, on one line.
fn given(policy: &Policy, overlay: Option<&Overlay>, person: &Person) -> Option<String> {
    let vocabulary = &policy.vocabulary;
    let situation = &person.situation;
    let mut keys = vec![format!("purpose = \"{}\"", vocabulary.name(situation.purpose))];
    keys.extend(situation.place.map(|place| format!("place = \"{}\"", vocabulary.name(place))));
    keys.extend(situation.area.map(|area| format!("area = \"{area}\"")));
    for (key, risk) in [("here_risk", situation.here_risk), ("from_risk", situation.from_risk)] {
        keys.push(format!("{key} = \"{}\"", vocabulary.name(risk)));
    }
    keys.extend(person.age.map(|age| format!("age = {age}")));
    for ((kind, belief), key) in person.evidence().into_iter().zip(["code", "pcr", "exam"]) {
        match belief {
            None => {}
            Some(Belief::Not(state)) => keys.push(format!("{key} = \"{}\"", state.name())),
            Some(Belief::Believed { value, age_minutes }) => {
                let statement = statement(policy, overlay, kind, value, age_minutes)?;
                keys.push(format!("{key} = {}", table(&statement, vocabulary)));
            }
        }
    }
    Some(format!("{{ {} }}", keys.join(", ")))
}

/// A statement of this age that is believed to say this.
fn statement(
    policy: &Policy,
    overlay: Option<&Overlay>,
    kind: Kind,
    value: Value,
    age_minutes: u32,
) -> Option<GivenStatement> {
    let now = policy.regardless();
    let ground = policy.ground(overlay, now, true);
    let wanted = Belief::Believed { value, age_minutes };
    let regions = || (0..100).filter_map(|code| RegionCode::new(code).ok());
    let trusts = policy.baseline.trusts.iter().filter(|trust| trust.kind == kind);
    trusts
        .flat_map(|trust| {
            regions().filter(|issuer| trust.issuers.contains(*issuer)).map(move |issuer| (trust, issuer))
        })
        .flat_map(|(trust, issuer)| trust.departments.iter().map(move |by| (trust, issuer, by)))
        .find_map(|(trust, issuer, by)| {
            let mut statement = GivenStatement::new(kind, issuer, by);
            dated(&mut statement, trust, age_minutes);
            says(&mut statement, policy, trust, value)?;
            (ground.belief(&statement.at(policy, now)) == wanted).then_some(statement)
        })
}

fn dated(statement: &mut GivenStatement, trust: &Trust, age_minutes: u32) {
    let age = Minutes::parse(&format!("{age_minutes}m"));
    match trust.measured_from {
        MeasuredFrom::Sample => statement.sampled = age,
        MeasuredFrom::Report => statement.reported = age,
        MeasuredFrom::Check => statement.checked = age,
    }
}

fn says(statement: &mut GivenStatement, policy: &Policy, trust: &Trust, value: Value) -> Option<()> {
    let grade = match value {
        Value::Green => Grade::Green,
        Value::Amber => Grade::Amber,
        Value::Red | Value::Contested => Grade::Red,
        Value::Negative | Value::Positive => {
            let named = |result: &huxin_attest::TestResult| result.name() == value.name();
            statement.result = huxin_attest::TestResult::ALL.into_iter().find(named);
            return Some(());
        }
        Value::Exam { item, quality } => {
            (statement.item, statement.quality) = (Some(item?), Some(quality?));
            return Some(());
        }
    };
    let of_region = policy.baseline.grades.by_region.iter().filter(|(region, _)| *region == statement.issuer);
    let tables = std::iter::once(&policy.baseline.grades.all).chain(of_region.map(|(_, table)| table));
    let (label, _) = tables.flatten().find(|(_, known)| *known == grade)?;
    match CodeStatus::ALL.into_iter().find(|status| status.code() == &**label) {
        Some(status) => statement.status = Some(status),
        None => statement.label = Some(label.clone()),
    }
    if let Some(demand) = trust.red_or_amber.filter(|_| grade > Grade::Green) {
        statement.assigner = demand.assigners.iter().next();
        statement.assigned_for = demand.assigned_for.iter().next();
        statement.evidence = demand.evidence_any.iter().take(1).collect();
    }
    if value == Value::Contested {
        statement.standing = Standing::Contested;
    }
    Some(())
}

/// The statement as a table of TOML.
fn table(statement: &GivenStatement, vocabulary: &Vocabulary) -> String {
    let GivenStatement { kind: _, issuer, category, copy: _, status, label, reason: _, assigner, .. } =
        statement;
    let GivenStatement { assigned_for, evidence, standing, result, item, quality, .. } = statement;
    let mut text = format!("{{ from = \"{issuer}\", by = \"{}\"", vocabulary.name(*category));
    let label = label.as_ref().map(|label| toml::Value::from(&**label).to_string());
    let quoted = |name: &str| format!("\"{name}\"");
    let keys = [
        ("status", status.map(|status| quoted(status.code()))),
        ("label", label),
        ("assigner", assigner.map(|role| quoted(vocabulary.name(role)))),
        ("assigned_for", assigned_for.map(|reason| quoted(vocabulary.name(reason)))),
        ("evidence", evidence.iter().next().map(|kind| format!("[\"{}\"]", vocabulary.name(kind)))),
        ("appeal", (*standing == Standing::Contested).then(|| quoted("open"))),
        ("result", result.map(|result| quoted(result.name()))),
        ("item", item.map(|item| quoted(vocabulary.name(item)))),
        ("quality", quality.map(|mark| quoted(vocabulary.name(mark)))),
        ("checked", statement.checked.map(|age| quoted(&age.to_string()))),
        ("reported", statement.reported.map(|age| quoted(&age.to_string()))),
        ("sampled", statement.sampled.map(|age| quoted(&age.to_string()))),
    ];
    for (key, value) in keys.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        // Writing to a string does not fail.
        let _ = write!(text, ", {key} = {value}");
    }
    text + " }"
}
