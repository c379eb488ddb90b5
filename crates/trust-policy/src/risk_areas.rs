//! `risk-areas.toml`: the risk of an area, from the signed list. Whoever loads it has checked the signature.
//!
//! Longest prefix wins; covered but unlisted is `low`; everything else is `unknown`, never lighter.

use std::collections::BTreeMap;

use huxin_attest::{AreaCode, RegionCode, UnixMs};

use crate::diagnostics::{Code, Diagnostics, Sink, Source};
use crate::lang::Phrase;
use crate::read::header::{Period, read_period};
use crate::read::term;
use crate::terms::Risk;
use crate::tree::{self, Fields, Node};
use crate::vocabulary::Vocabulary;

/// The largest file, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The most areas.
const MAX_AREAS: usize = 100_000;
/// The longest validity.
const MAX_VALIDITY_MS: i64 = 48 * 60 * 60_000;

/// One list of risk areas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskAreas {
    version: u32,
    from: UnixMs,
    until: UnixMs,
    covers: Vec<RegionCode>,
    /// By the digits of the prefix as a number: prefixes of different length never meet.
    areas: BTreeMap<u32, Risk>,
    low: Risk,
    unknown: Risk,
}

impl RiskAreas {
    /// Reads a list strictly.
    ///
    /// # Errors
    /// Everything that is wrong with it, in one run: unknown keys and words, areas listed twice or not covered, a
    /// validity of more than 48 hours.
    pub fn parse(name: &str, text: &str, vocabulary: &Vocabulary) -> Result<Self, Diagnostics> {
        let mut sink = Sink::new(Source { name, text });
        let table = tree::parse(&mut sink, MAX_BYTES);
        match read(&mut sink, Fields::root(&table), vocabulary) {
            Some(areas) if sink.is_clean() => Ok(areas),
            _ => Err(Diagnostics::of(sink)),
        }
    }

    /// The list that stands for none: every risk is unknown.
    pub fn absent(vocabulary: &Vocabulary) -> Self {
        Self {
            version: 0,
            from: UnixMs::default(),
            until: UnixMs::default(),
            covers: Vec::new(),
            areas: BTreeMap::new(),
            low: vocabulary.low(),
            unknown: vocabulary.unknown(),
        }
    }

    /// The risk of `area` at `now`; unknown for a missing area and whenever the list does not hold.
    pub fn risk_of(&self, area: Option<AreaCode>, now: UnixMs) -> Risk {
        let Some(area) = area.filter(|_| self.from <= now && now < self.until) else { return self.unknown };
        let county = area.as_u32();
        let listed = [county, county / 100, county / 10_000].iter().find_map(|digits| self.areas.get(digits));
        match listed {
            Some(risk) => *risk,
            None if self.covers.contains(&area.region()) => self.low,
            None => self.unknown,
        }
    }

    /// The version; 0 for the list that stands for none.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The first instant at which the list holds.
    pub fn from(&self) -> UnixMs {
        self.from
    }

    /// The first instant at which it no longer holds.
    pub fn until(&self) -> UnixMs {
        self.until
    }
}

fn read(sink: &mut Sink<'_>, mut root: Fields<'_>, vocabulary: &Vocabulary) -> Option<RiskAreas> {
    let version = root.required(sink, "version").and_then(|node| node.count(sink));
    let period = read_period(sink, &mut root);
    if let Some(period) = period
        && period.until.ms_since(period.from) > MAX_VALIDITY_MS
    {
        sink.report(Code::TooLong, period.until_span, [Phrase::both("48 小时", "48 hours")]);
    }
    let covers = root.required(sink, "covers").and_then(|node| read_covers(sink, node));
    let mut areas = BTreeMap::new();
    for block in root.blocks(sink, "area", MAX_AREAS) {
        read_area(sink, block, covers.as_deref(), &mut areas, vocabulary);
    }
    root.finish(sink);
    let Period { from, until, .. } = period?;
    let (low, unknown) = (vocabulary.low(), vocabulary.unknown());
    Some(RiskAreas { version: version?, from, until, covers: covers?, areas, low, unknown })
}

fn read_covers(sink: &mut Sink<'_>, node: Node<'_>) -> Option<Vec<RegionCode>> {
    let mut covers = Vec::new();
    for element in node.filled_list(sink, 64)? {
        match element.region(sink) {
            Some(region) if covers.contains(&region) => {
                sink.report(Code::RepeatedValue, element.span, [region.to_string().into()]);
            }
            Some(region) => covers.push(region),
            None => {}
        }
    }
    Some(covers)
}

fn read_area(
    sink: &mut Sink<'_>,
    mut fields: Fields<'_>,
    covers: Option<&[RegionCode]>,
    areas: &mut BTreeMap<u32, Risk>,
    vocabulary: &Vocabulary,
) {
    let node = fields.required(sink, "prefix");
    let prefix = node.and_then(|node| Some((node.prefix(sink)?, node.span)));
    let risk = fields.required(sink, "risk").and_then(|node| term(sink, node, vocabulary));
    fields.finish(sink);
    let Some((prefix, at)) = prefix else { return };
    if covers.is_some_and(|covers| !covers.contains(&prefix.region())) {
        sink.report(Code::NotCovered, at, [prefix.to_string().into()]);
    }
    let digits = prefix.to_string();
    let (Some(risk), Ok(number)) = (risk, digits.parse()) else { return };
    if areas.insert(number, risk).is_some() {
        sink.report(Code::RepeatedValue, at, [digits.into()]);
    }
}
