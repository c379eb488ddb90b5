//! `[[example]]`: a situation, what was stated, and what must come out.

use huxin_attest::{CodeStatus, Kind, TestResult};

use super::case::read_outcome;
use super::rule::present;
use super::{MAX_ITEMS, term, terms};
use crate::diagnostics::{Code, Sink};
use crate::example::{Example, Expected, Given, GivenStatement};
use crate::situation::Situation;
use crate::state::State;
use crate::statement::Standing;
use crate::tree::{Fields, Node};
use crate::vocabulary::Vocabulary;

pub(super) fn read_example(
    sink: &mut Sink<'_>,
    mut fields: Fields<'_>,
    vocabulary: &Vocabulary,
) -> Option<Example> {
    let name = fields.required(sink, "name").and_then(|node| node.text(sink));
    let given = fields.required(sink, "given").and_then(|node| read_given(sink, node, vocabulary));
    let expected = fields.required(sink, "expect").and_then(|node| read_expected(sink, node, vocabulary));
    fields.finish(sink);
    let (situation, age, evidence) = given?;
    Some(Example { name: name?.into(), situation, age, evidence, expected: expected? })
}

pub(crate) type Inputs = (Situation, Option<u8>, [Given; 3]);

fn read_given(sink: &mut Sink<'_>, node: Node<'_>, vocabulary: &Vocabulary) -> Option<Inputs> {
    let fields = node.table(sink)?;
    read_inputs(sink, fields, vocabulary)
}

/// A case in a file of its own: under `given`, or at the top level.
pub(crate) fn read_case_file(
    sink: &mut Sink<'_>,
    mut root: Fields<'_>,
    vocabulary: &Vocabulary,
) -> Option<Inputs> {
    match root.optional("given") {
        Some(node) => {
            let given = read_given(sink, node, vocabulary);
            root.finish(sink);
            given
        }
        None => read_inputs(sink, root, vocabulary),
    }
}

fn read_inputs(sink: &mut Sink<'_>, mut fields: Fields<'_>, vocabulary: &Vocabulary) -> Option<Inputs> {
    let purpose = fields.required(sink, "purpose").and_then(|node| term(sink, node, vocabulary));
    let place = fields.optional("place").map(|node| term(sink, node, vocabulary));
    let area = fields.optional("area").map(|node| node.area(sink));
    let here = fields.optional("here_risk").map(|node| term(sink, node, vocabulary));
    let from = fields.optional("from_risk").map(|node| term(sink, node, vocabulary));
    let age =
        fields.optional("age").map(|node| node.integer(sink, 0, 150).and_then(|age| u8::try_from(age).ok()));
    let evidence = [("code", Kind::HealthCode), ("pcr", Kind::NucleicTest), ("exam", Kind::ExamResult)]
        .map(|(key, kind)| fields.optional(key).map(|node| read_evidence(sink, node, kind, vocabulary)));
    fields.finish(sink);
    let [code, pcr, exam] = evidence.map(|read| present(read).map(Option::unwrap_or_default));
    let situation = Situation {
        purpose: purpose?,
        place: present(place)?,
        area: present(area)?,
        here_risk: present(here)?.unwrap_or(vocabulary.unknown()),
        from_risk: present(from)?.unwrap_or(vocabulary.unknown()),
    };
    Some((situation, present(age)?, [code?, pcr?, exam?]))
}

/// A table, an array of tables, or the name of a state.
fn read_evidence(sink: &mut Sink<'_>, node: Node<'_>, kind: Kind, vocabulary: &Vocabulary) -> Option<Given> {
    if node.is_string() {
        let words = State::ALL.map(|state| (state.name(), state));
        return node.word(sink, &words).map(Given::State);
    }
    let tables = if node.is_table() { vec![node.table(sink)?] } else { node.tables(sink, MAX_ITEMS) };
    let count = tables.len();
    let statements: Vec<_> =
        tables.into_iter().filter_map(|fields| read_statement(sink, fields, kind, vocabulary)).collect();
    (statements.len() == count).then_some(Given::Statements(statements))
}

fn read_statement(
    sink: &mut Sink<'_>,
    mut fields: Fields<'_>,
    kind: Kind,
    vocabulary: &Vocabulary,
) -> Option<GivenStatement> {
    let issuer = fields.required(sink, "from").and_then(|node| node.region(sink));
    let category = fields.required(sink, "by").and_then(|node| term(sink, node, vocabulary));
    let hop = fields.optional("hop").map(|node| node.integer(sink, 0, huxin_attest::claims::MAX_HOP.into()));
    let [checked, reported, sampled] =
        ["checked", "reported", "sampled"].map(|key| fields.optional(key).map(|node| node.duration(sink)));
    let base = issuer.zip(category).map(|(issuer, category)| GivenStatement::new(kind, issuer, category));
    let statement = match kind {
        Kind::HealthCode => read_code(sink, &mut fields, base, vocabulary),
        Kind::NucleicTest => read_test(sink, &mut fields, base),
        Kind::ExamResult | Kind::Evidence => read_exam(sink, &mut fields, base, vocabulary),
    };
    fields.finish(sink);
    Some(GivenStatement {
        copy: present(hop)?.is_some_and(|hop| hop > 0),
        checked: present(checked)?,
        reported: present(reported)?,
        sampled: present(sampled)?,
        ..statement?
    })
}

fn read_code(
    sink: &mut Sink<'_>,
    fields: &mut Fields<'_>,
    base: Option<GivenStatement>,
    vocabulary: &Vocabulary,
) -> Option<GivenStatement> {
    let statuses = CodeStatus::ALL.map(|status| (status.code(), status));
    let status = fields.optional("status").map(|node| node.word(sink, &statuses));
    let label = fields.optional("label").map(|node| node.text(sink));
    let reason = fields.optional("reason").map(|node| node.text(sink));
    let assigner = fields.optional("assigner").map(|node| term(sink, node, vocabulary));
    let assigned_for = fields.optional("assigned_for").map(|node| term(sink, node, vocabulary));
    let evidence = fields.optional("evidence").map(|node| terms(sink, node, vocabulary));
    let standings = [("open", Standing::Contested), ("overdue", Standing::Overdue)];
    let appeal = fields.optional("appeal").map(|node| node.word(sink, &standings));
    Some(GivenStatement {
        status: present(status)?,
        label: present(label)?.map(Into::into),
        reason: present(reason)?.map(Into::into),
        assigner: present(assigner)?,
        assigned_for: present(assigned_for)?,
        evidence: present(evidence)?.unwrap_or_default(),
        standing: present(appeal)?.unwrap_or(Standing::None),
        ..base?
    })
}

fn read_test(
    sink: &mut Sink<'_>,
    fields: &mut Fields<'_>,
    base: Option<GivenStatement>,
) -> Option<GivenStatement> {
    let results = TestResult::ALL.map(|result| (result.name(), result));
    let result = fields.required(sink, "result").and_then(|node| node.word(sink, &results));
    Some(GivenStatement { result: Some(result?), ..base? })
}

fn read_exam(
    sink: &mut Sink<'_>,
    fields: &mut Fields<'_>,
    base: Option<GivenStatement>,
    vocabulary: &Vocabulary,
) -> Option<GivenStatement> {
    let item = fields.required(sink, "item").and_then(|node| term(sink, node, vocabulary));
    let quality = fields.required(sink, "quality").and_then(|node| term(sink, node, vocabulary));
    Some(GivenStatement { item: Some(item?), quality: Some(quality?), ..base? })
}

fn read_expected(sink: &mut Sink<'_>, node: Node<'_>, vocabulary: &Vocabulary) -> Option<Expected> {
    let mut fields = node.table(sink)?;
    let outcome = fields.optional("then").map(|node| read_outcome(sink, node));
    let ask = fields.optional("ask").map(|node| node.kinds(sink));
    let by = fields.optional("by").map(|node| node.id(sink));
    let case = fields.optional("case").map(|node| node.id(sink));
    let must = fields.optional("must").map(|node| match node.list(sink, MAX_ITEMS)?.is_empty() {
        true => Some(Default::default()),
        false => terms(sink, node, vocabulary),
    });
    let tests_nothing =
        outcome.is_none() && ask.is_none() && by.is_none() && case.is_none() && must.is_none();
    if tests_nothing {
        sink.report(Code::Empty, fields.span, [node.key.into()]);
    }
    fields.finish(sink);
    Some(Expected {
        span: node.span,
        outcome: present(outcome)?,
        ask: present(ask)?,
        by: present(by)?.map(Into::into),
        case: present(case)?.map(Into::into),
        must: present(must)?,
    })
}
