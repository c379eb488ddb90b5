//! `places.toml`: which app stands at which place, and for what. No request says what kind of place it comes from.

use std::collections::{BTreeMap, BTreeSet};

use huxin_attest::{AreaCode, RegionCode};

use crate::diagnostics::{Code, Diagnostics, Sink, Source};
use crate::read::{term, terms};
use crate::terms::{Place, Purpose, Set};
use crate::tree::{self, Fields, Ids, Node};
use crate::vocabulary::Vocabulary;

/// The largest file, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The most places, and apps of one place.
const MAX_PLACES: usize = 100_000;
const MAX_APPS: usize = 1024;
/// The longest identity of an app, in bytes (SPIFFE-ID §2.3).
const MAX_URI: usize = 2048;

/// The places of one province.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places(BTreeMap<Box<str>, PlaceEntry>);

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceEntry {
    /// Its category.
    pub place: Place,
    /// Its area.
    pub area: AreaCode,
    /// For what something may be asked there.
    pub purposes: Set<Purpose>,
    /// The SPIFFE IDs of the apps that stand there.
    pub apps: BTreeSet<Box<str>>,
}

impl Places {
    /// Reads the file of the province `region` strictly.
    ///
    /// # Errors
    /// Everything that is wrong with it, in one run: unknown keys and words, areas of other provinces, two places of
    /// one id, apps that are no `spiffe://<trust domain>/app/<department>/<name>`.
    pub fn parse(
        name: &str,
        text: &str,
        vocabulary: &Vocabulary,
        region: RegionCode,
    ) -> Result<Self, Diagnostics> {
        let mut sink = Sink::new(Source { name, text });
        let table = tree::parse(&mut sink, MAX_BYTES);
        let mut root = Fields::root(&table);
        let blocks = root.blocks(&mut sink, "place", MAX_PLACES);
        root.finish(&mut sink);
        let mut ids = Ids::default();
        let places = blocks
            .into_iter()
            .filter_map(|block| read_place(&mut sink, block, &mut ids, vocabulary, region))
            .collect();
        if sink.is_clean() { Ok(Self(places)) } else { Err(Diagnostics::of(sink)) }
    }

    /// The place with this id.
    pub fn find(&self, id: &str) -> Option<&PlaceEntry> {
        self.0.get(id)
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PlaceEntry {
    /// May the app with this SPIFFE ID ask here for `purpose`?
    pub fn allows(&self, app: &str, purpose: Purpose) -> bool {
        self.purposes.contains(purpose) && self.apps.contains(app)
    }
}

fn read_place<'t>(
    sink: &mut Sink<'_>,
    mut fields: Fields<'t>,
    ids: &mut Ids<'t>,
    vocabulary: &Vocabulary,
    region: RegionCode,
) -> Option<(Box<str>, PlaceEntry)> {
    let id = fields.required(sink, "id").and_then(|node| node.new_id(sink, ids));
    let place = fields.required(sink, "category").and_then(|node| term(sink, node, vocabulary));
    let area = fields.required(sink, "area").and_then(|node| {
        let area = node.area(sink)?;
        if area.region() != region {
            sink.report(Code::AreaOutside, node.span, [area.to_string().into(), region.to_string().into()]);
        }
        Some(area)
    });
    let purposes = fields.required(sink, "purposes").and_then(|node| terms(sink, node, vocabulary));
    let apps = fields.required(sink, "apps").and_then(|node| read_apps(sink, node));
    fields.finish(sink);
    Some((id?.into(), PlaceEntry { place: place?, area: area?, purposes: purposes?, apps: apps? }))
}

fn read_apps(sink: &mut Sink<'_>, node: Node<'_>) -> Option<BTreeSet<Box<str>>> {
    let mut apps: BTreeSet<Box<str>> = BTreeSet::new();
    let mut good = true;
    for element in node.filled_list(sink, MAX_APPS)? {
        let Some(uri) = element.string(sink) else {
            good = false;
            continue;
        };
        if !is_app(uri) {
            sink.report(Code::BadApp, element.span, [uri.into()]);
            good = false;
        } else if !apps.insert(uri.into()) {
            sink.report(Code::RepeatedValue, element.span, [uri.into()]);
            good = false;
        }
    }
    good.then_some(apps)
}

/// `spiffe://<trust domain>/app/<department>/<name>` in the characters of SPIFFE-ID §2.
fn is_app(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("spiffe://").filter(|_| uri.len() <= MAX_URI) else { return false };
    let segments: Vec<&str> = rest.split('/').collect();
    let [domain, "app", department, name] = segments.as_slice() else { return false };
    let domain_good = (1..=255).contains(&domain.len())
        && domain.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
        });
    let segment_good = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    domain_good && segment_good(department) && segment_good(name)
}
