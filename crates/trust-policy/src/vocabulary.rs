//! The vocabulary: the closed lists of what a policy may speak of, each value with its Chinese and English name.

use huxin_attest::{Digest, sha256};

use crate::diagnostics::{Code, Diagnostics, Sink, Source};
use crate::grade::Grade;
use crate::terms::{
    DepartmentCategory, ExamItem, Index as _, List, MAX_TERMS, Place, Purpose, Risk, Set, Term,
};
use crate::tree::{self, Fields, Node};

/// The largest vocabulary file, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// The closed lists. Immutable; terms are indexes into the vocabulary that gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    pub(crate) id: Box<str>,
    pub(crate) version: u32,
    pub(crate) digest: Digest,
    lists: [Box<[Entry]>; List::ALL.len()],
    low: Risk,
    unknown: Risk,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: Box<str>,
    zh: Box<str>,
    en: Box<str>,
    modality: Option<Box<str>>,
}

impl Vocabulary {
    /// Reads a vocabulary file strictly: unknown keys, missing names and missing lists are errors.
    ///
    /// # Errors
    /// Everything that is wrong with the file, in one run.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, Diagnostics> {
        let mut sink = Sink::new(Source { name: file_name, text });
        let table = tree::parse(&mut sink, MAX_BYTES);
        let read = read(&mut sink, Fields::root(&table), text);
        match read {
            Some(vocabulary) if sink.is_clean() => Ok(vocabulary),
            _ => Err(Diagnostics::of(sink)),
        }
    }

    /// The vocabulary's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The vocabulary's version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The term with this name, of the list that the caller's type names.
    pub fn find<T: Term>(&self, name: &str) -> Option<T> {
        let list = self.list(T::LIST);
        let index = list.binary_search_by(|entry| (*entry.name).cmp(name)).ok()?;
        u8::try_from(index).ok().map(T::from_index)
    }

    /// The purpose with this name.
    pub fn purpose(&self, name: &str) -> Option<Purpose> {
        self.find(name)
    }

    /// The place category with this name.
    pub fn place(&self, name: &str) -> Option<Place> {
        self.find(name)
    }

    /// The risk with this name.
    pub fn risk(&self, name: &str) -> Option<Risk> {
        self.find(name)
    }

    /// The department category with this name.
    pub fn department(&self, name: &str) -> Option<DepartmentCategory> {
        self.find(name)
    }

    /// The risk `low`.
    pub fn low(&self) -> Risk {
        self.low
    }

    /// The risk `unknown`, for every risk that is missing.
    pub fn unknown(&self) -> Risk {
        self.unknown
    }

    /// The name of a term in files and messages; empty for a term of another vocabulary.
    pub fn name<T: Term>(&self, term: T) -> &str {
        self.entry(term).map_or("", |entry| &entry.name)
    }

    /// The Chinese name of a term.
    pub fn name_zh<T: Term>(&self, term: T) -> &str {
        self.entry(term).map_or("", |entry| &entry.zh)
    }

    /// The English name of a term.
    pub fn name_en<T: Term>(&self, term: T) -> &str {
        self.entry(term).map_or("", |entry| &entry.en)
    }

    /// The Chinese and English name of a grade.
    pub fn grade_names(&self, grade: Grade) -> (&str, &str) {
        let list = self.list(List::Grade);
        let entry = list.iter().find(|entry| &*entry.name == grade.name());
        entry.map_or(("", ""), |entry| (&entry.zh, &entry.en))
    }

    /// How an examination is made (`imaging`, `laboratory`), where the vocabulary says so.
    pub fn modality(&self, item: ExamItem) -> Option<&str> {
        self.entry(item)?.modality.as_deref()
    }

    /// All terms of a list, in the order of their names.
    pub fn all<T: Term>(&self) -> Set<T> {
        (0..self.list(T::LIST).len())
            .filter_map(|index| u8::try_from(index).ok())
            .map(T::from_index)
            .collect()
    }

    /// The names of a list, for helps.
    pub(crate) fn names(&self, list: List) -> String {
        self.list(list).iter().map(|entry| &*entry.name).collect::<Vec<_>>().join(", ")
    }

    fn list(&self, list: List) -> &[Entry] {
        self.lists.get(list as usize).map_or(&[], |entries| entries)
    }

    fn entry<T: Term>(&self, term: T) -> Option<&Entry> {
        self.list(T::LIST).get(usize::from(term.index()))
    }
}

fn read(sink: &mut Sink<'_>, mut root: Fields<'_>, text: &str) -> Option<Vocabulary> {
    let header =
        root.required(sink, "vocabulary").and_then(|node| node.table(sink)).and_then(|mut header| {
            let id = header.required(sink, "id").and_then(|node| node.id(sink));
            let version = header.required(sink, "version").and_then(|node| node.count(sink));
            header.finish(sink);
            Some((id?, version?))
        });
    let lists = List::ALL.map(|(name, list)| {
        root.required(sink, name).map(|node| read_list(sink, node, list)).unwrap_or_default()
    });
    root.finish(sink);
    let risk = lists.get(List::Risk as usize)?;
    let find = |name| {
        let index = risk.iter().position(|entry| &*entry.name == name)?;
        u8::try_from(index).ok().map(Risk::from_index)
    };
    let (low, unknown) = (find("low"), find("unknown"));
    let (id, version) = header?;
    let digest = sha256(&[text.as_bytes()]);
    Some(Vocabulary { id: id.into(), version, digest, lists, low: low?, unknown: unknown? })
}

/// Terms come in the order of their names: a TOML table is sorted, and look-ups rely on it.
fn read_list(sink: &mut Sink<'_>, node: Node<'_>, list: List) -> Box<[Entry]> {
    let Some(fields) = node.table(sink) else { return Box::default() };
    let mut entries = Vec::new();
    for (name, at, node) in fields.entries() {
        if name.parse::<huxin_attest::Term>().is_err() {
            sink.report(Code::BadTerm, at, [name.into()]);
        }
        if list == List::Grade && !Grade::ALL.iter().any(|grade| grade.name() == name) {
            sink.report(Code::FixedGrades, at, [name.into()]);
        }
        entries.extend(read_entry(sink, name, node, list));
    }
    if entries.len() > MAX_TERMS {
        sink.report(Code::TooMany, node.span, [list.name().into(), entries.len().into(), MAX_TERMS.into()]);
    }
    let fixed: &[&str] = match list {
        List::Grade => &["green", "amber", "red"],
        List::Risk => &["low", "unknown"],
        _ => &[],
    };
    for name in fixed {
        if !entries.iter().any(|entry| &*entry.name == *name) {
            sink.report(Code::FixedTerms, node.span, [list.name().into(), (*name).into()]);
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries.into()
}

fn read_entry(sink: &mut Sink<'_>, name: &str, node: Node<'_>, list: List) -> Option<Entry> {
    let mut fields = node.table(sink)?;
    let zh = fields.required(sink, "zh").and_then(|node| node.text(sink));
    let en = fields.required(sink, "en").and_then(|node| node.text(sink));
    let modality = match list {
        List::ExamItem => fields.optional("modality").and_then(|node| node.id(sink)),
        _ => None,
    };
    fields.finish(sink);
    Some(Entry { name: name.into(), zh: zh?.into(), en: en?.into(), modality: modality.map(Into::into) })
}
