//! The national file.

use super::entries::{read_disclosure, read_trust};
use super::example::read_example;
use super::header::{Layer, read_common, read_vocabulary};
use super::rule::{PROVINCE_MAY, Slot, read_rule};
use super::tables::{read_grades, read_hours};
use super::{MAX_BLOCKS, MAX_BYTES};
use crate::diagnostics::{Sink, Span};
use crate::example::Example;
use crate::model::{Appeal, Baseline, Disclosure, Fallback, Grades, Header, Hours, Rule, Trust};
use crate::tree::{self, Fields, Ids, Node};
use crate::vocabulary::Vocabulary;

/// What could be read of a baseline. Entries that could not are left out, with a finding.
pub(crate) struct Parts {
    header: Option<Header>,
    vocabulary: Option<(Box<str>, u32, Span)>,
    fallback: Option<Fallback>,
    pub(crate) trusts: Vec<Trust>,
    pub(crate) disclosures: Vec<Disclosure>,
    grades: Grades,
    pub(crate) hours: Hours,
    pub(crate) rules: Vec<Rule>,
    examples: Vec<Example>,
}

/// Reads a baseline.
pub(crate) fn read(sink: &mut Sink<'_>, vocabulary: &Vocabulary) -> Parts {
    let table = tree::parse(sink, MAX_BYTES);
    let mut root = Fields::root(&table);
    let mut ids = Ids::default();
    let head = root.required(sink, "policy").and_then(|node| node.table(sink)).map(|mut fields| {
        let header = read_common(sink, &mut fields, Layer::National);
        let vocabulary = read_vocabulary(sink, &mut fields);
        fields.finish(sink);
        (header, vocabulary)
    });
    let (header, reference) = head.unwrap_or_default();
    let fallback = root.required(sink, "otherwise").and_then(|node| read_fallback(sink, node));
    let blocks = root.blocks(sink, "trust", MAX_BLOCKS);
    let trusts =
        blocks.into_iter().filter_map(|block| read_trust(sink, block, &mut ids, vocabulary)).collect();
    let blocks = root.blocks(sink, "disclose", MAX_BLOCKS);
    let disclosures =
        blocks.into_iter().filter_map(|block| read_disclosure(sink, block, &mut ids, vocabulary)).collect();
    let grades = root.optional("grades").map(|node| read_grades(sink, node)).unwrap_or_default();
    let hours = root.optional("hours").map(|node| read_hours(sink, node, vocabulary)).unwrap_or_default();
    let blocks = root.blocks(sink, "rule", MAX_BLOCKS);
    let slot = Slot::Baseline;
    let rules =
        blocks.into_iter().filter_map(|block| read_rule(sink, block, slot, &mut ids, vocabulary)).collect();
    let blocks = root.blocks(sink, "example", MAX_BLOCKS);
    let examples = blocks.into_iter().filter_map(|block| read_example(sink, block, vocabulary)).collect();
    root.finish(sink);
    Parts { header, vocabulary: reference, fallback, trusts, disclosures, grades, hours, rules, examples }
}

impl Parts {
    /// The baseline; `None` only together with a finding.
    pub(crate) fn whole(self) -> Option<Baseline> {
        let Self { header, vocabulary, fallback, trusts, disclosures, grades, hours, rules, examples } = self;
        let (header, vocabulary, fallback) = (header?, vocabulary?, fallback?);
        Some(Baseline { header, vocabulary, fallback, trusts, disclosures, grades, hours, rules, examples })
    }
}

fn read_fallback(sink: &mut Sink<'_>, node: Node<'_>) -> Option<Fallback> {
    let mut fields = node.table(sink)?;
    let say = fields.required(sink, "say").and_then(|node| node.text(sink));
    let appeal = fields.required(sink, "appeal").and_then(|node| read_appeal(sink, node));
    let province_may = fields.required(sink, "province_may").and_then(|node| node.word(sink, &PROVINCE_MAY));
    fields.finish(sink);
    Some(Fallback { say: say?.into(), appeal: appeal?, province_may: province_may? })
}

fn read_appeal(sink: &mut Sink<'_>, node: Node<'_>) -> Option<Appeal> {
    let mut fields = node.table(sink)?;
    let contact = fields.required(sink, "contact").and_then(|node| node.text(sink));
    let within = fields.required(sink, "answer_within");
    fields.finish(sink);
    let within = within?;
    let answer_within = match within.text_or_empty(sink)? {
        "" => None,
        _ => Some(within.duration(sink)?),
    };
    Some(Appeal { contact: contact?.into(), answer_within })
}
