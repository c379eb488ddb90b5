//! A province's file. It holds rules, distrusts and examples; everything else is the baseline's.

use huxin_attest::RegionCode;

use super::entries::read_distrust;
use super::example::read_example;
use super::header::{Layer, read_common, spanned_id, spanned_region};
use super::rule::{Slot, read_rule};
use super::{MAX_BLOCKS, MAX_BYTES};
use crate::diagnostics::{Code, Sink, Span};
use crate::example::Example;
use crate::model::{Distrust, Header, Overlay, Rule};
use crate::tree::{self, Fields, Ids};
use crate::vocabulary::Vocabulary;

/// Blocks of the baseline that an overlay's author may have copied.
const BASELINE_ONLY: [&str; 5] = ["otherwise", "trust", "disclose", "grades", "hours"];

/// What could be read of an overlay. Entries that could not are left out, with a finding.
pub(crate) struct Parts {
    header: Option<Header>,
    pub(crate) region: Option<(RegionCode, Span)>,
    extends: Option<(Box<str>, Span)>,
    distrusts: Vec<Distrust>,
    pub(crate) rules: Vec<Rule>,
    examples: Vec<Example>,
}

/// Reads an overlay.
pub(crate) fn read(sink: &mut Sink<'_>, vocabulary: &Vocabulary) -> Parts {
    let table = tree::parse(sink, MAX_BYTES);
    let mut root = Fields::root(&table);
    let mut ids = Ids::default();
    let head = root.required(sink, "policy").and_then(|node| node.table(sink)).map(|mut fields| {
        let header = read_common(sink, &mut fields, Layer::Provincial);
        let node = fields.required(sink, "region");
        let region = spanned_region(sink, node);
        let node = fields.required(sink, "extends");
        let extends = spanned_id(sink, node);
        fields.finish(sink);
        (header, region, extends)
    });
    let (header, region, extends) = head.unwrap_or_default();
    let blocks = root.blocks(sink, "distrust", MAX_BLOCKS);
    let distrusts =
        blocks.into_iter().filter_map(|block| read_distrust(sink, block, &mut ids, vocabulary)).collect();
    let blocks = root.blocks(sink, "rule", MAX_BLOCKS);
    let slot = Slot::Overlay;
    let rules =
        blocks.into_iter().filter_map(|block| read_rule(sink, block, slot, &mut ids, vocabulary)).collect();
    let blocks = root.blocks(sink, "example", MAX_BLOCKS);
    let examples = blocks.into_iter().filter_map(|block| read_example(sink, block, vocabulary)).collect();
    root.finish_with(sink, |key| BASELINE_ONLY.contains(&key).then_some(Code::NotInOverlay));
    Parts { header, region, extends, distrusts, rules, examples }
}

impl Parts {
    /// The overlay; `None` only together with a finding.
    pub(crate) fn whole(self) -> Option<Overlay> {
        let Self { header, region, extends, distrusts, rules, examples } = self;
        Some(Overlay { header: header?, region: region?, extends: extends?, distrusts, rules, examples })
    }
}
