//! Reads a TOML document strictly: every key is asked for by name, unknown, missing and repeated keys and wrong forms
//! are reported with their line, and one run reports them all. It never guesses a default.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use huxin_attest::UnixMs;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The most problems that one run collects.
const MAX_PROBLEMS: usize = 100;

/// The most elements of an array.
const MAX_ELEMENTS: usize = 1024;

/// The most bytes of a document.
const MAX_DOCUMENT: usize = 4 * 1024 * 1024;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Reads `text`, hands its root to `read`, and returns what that made if nothing at all was wrong.
///
/// # Errors
/// Everything that is wrong, by line.
pub fn read<T>(text: &str, read: impl FnOnce(&mut Table<'_>) -> Option<T>) -> Result<T, Vec<Problem>> {
    let notes = Notes { text, problems: RefCell::default(), seen: RefCell::default() };
    if text.len() > MAX_DOCUMENT {
        notes.add(0..0, "the document is larger than 4 MiB".into());
        return Err(notes.problems.into_inner());
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or_default();
        let message = match (error.message(), text.get(span.clone())) {
            ("duplicate key", Some(key)) => format!("duplicate key {key}; remove one"),
            (message, _) => message.to_lowercase(),
        };
        notes.add(span, message);
    }
    let made = Table::read(&notes, root.get_ref(), root.span(), "", read);
    let mut problems = notes.problems.into_inner();
    match made {
        Some(made) if problems.is_empty() => Ok(made),
        _ => {
            problems.sort();
            Err(problems)
        }
    }
}

/// What went wrong so far, and which values have been taken.
struct Notes<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
    seen: RefCell<HashSet<(&'static str, String)>>,
}

impl Notes<'_> {
    fn add(&self, span: Range<usize>, message: String) {
        let line = self.text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MAX_PROBLEMS {
            problems.push(Problem { line, message });
        }
    }
}

/// A table of the document. Each method that returns `None` has noted a problem.
pub struct Table<'t> {
    notes: &'t Notes<'t>,
    entries: &'t DeTable<'t>,
    at: Range<usize>,
    path: &'t str,
    asked: HashSet<&'static str>,
}

impl<'t> Table<'t> {
    fn read<T>(
        notes: &'t Notes<'t>,
        entries: &'t DeTable<'t>,
        at: Range<usize>,
        path: &'t str,
        read: impl FnOnce(&mut Table<'_>) -> Option<T>,
    ) -> Option<T> {
        let mut table = Table { notes, entries, at, path, asked: HashSet::new() };
        let made = read(&mut table);
        for (key, _) in entries {
            if !table.asked.contains(key.get_ref().as_ref()) {
                notes.add(key.span(), format!("unknown key {}{}; remove it", table.path, key.get_ref()));
            }
        }
        made
    }

    /// The text of `key`, read by its type.
    pub fn text<T>(&mut self, key: &'static str) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        self.text_with(key, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// The text of `key`, read by `parse`.
    pub fn text_with<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let text = self.expect(key, value, value.get_ref().as_str(), "a text in quotes")?;
        self.note(key, value, parse(text))
    }

    /// The whole number of `key`.
    pub fn integer(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.value(key)?;
        let integer = self.expect(key, value, value.get_ref().as_integer(), "a whole number")?;
        let read = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        self.expect(key, value, read.filter(|number| range.contains(number)), &wanted)
    }

    /// The time of `key`, with its offset.
    pub fn time(&mut self, key: &'static str) -> Option<UnixMs> {
        let value = self.value(key)?;
        let wanted = "a time with its offset, such as 2027-01-01T00:00:00+08:00";
        let time = self.expect(key, value, value.get_ref().as_datetime(), wanted)?;
        self.expect(key, value, UnixMs::parse_rfc3339(&time.to_string()), wanted)
    }

    /// The array of texts of `key`, each read by `parse`; no text may stand twice.
    pub fn list_with<T>(
        &mut self,
        key: &'static str,
        length: RangeInclusive<usize>,
        mut parse: impl FnMut(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let mut taken = HashSet::new();
        self.array(key, length, |table, value| {
            let text = table.expect(key, value, value.get_ref().as_str(), "a list of texts in quotes")?;
            if !taken.insert(text.to_owned()) {
                table.note::<()>(key, value, Err(format!("{text} stands here twice; remove one")));
            }
            table.note(key, value, parse(text))
        })
    }

    /// As [`Self::list_with`], each text read by its type.
    pub fn list<T>(&mut self, key: &'static str, length: RangeInclusive<usize>) -> Option<Vec<T>>
    where
        T: FromStr<Err: fmt::Display>,
    {
        self.list_with(key, length, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// The table of `key`.
    pub fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Table<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let entries = self.expect(key, value, value.get_ref().as_table(), "a table")?;
        let path = format!("{}{key}.", self.path);
        Table::read(self.notes, entries, value.span(), &path, read)
    }

    /// The array of tables of `key`.
    pub fn tables<T>(
        &mut self,
        key: &'static str,
        length: RangeInclusive<usize>,
        mut read: impl FnMut(&mut Table<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let path = format!("{}{key}.", self.path);
        self.array(key, length, |table, value| {
            let entries = table.expect(key, value, value.get_ref().as_table(), "tables")?;
            Table::read(table.notes, entries, value.span(), &path, &mut read)
        })
    }

    /// Whether `key` is true or false.
    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        self.expect(key, value, value.get_ref().as_bool(), "true or false")
    }

    /// What `read` makes of `key`; nothing is wrong, and there is nothing, if the key is absent.
    pub fn if_any<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<Option<T>> {
        self.asked.insert(key);
        if self.find(key).is_some() { read(self, key).map(Some) } else { Some(None) }
    }

    /// As [`Self::tables`]; nothing is wrong if the key is absent.
    pub fn tables_if_any<T>(
        &mut self,
        key: &'static str,
        length: RangeInclusive<usize>,
        read: impl FnMut(&mut Table<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.asked.insert(key);
        if self.find(key).is_some() { self.tables(key, length, read) } else { Some(Vec::new()) }
    }

    /// Notes that the value of `key` is wrong.
    pub fn complain(&self, key: &str, message: impl Into<String>) {
        let at = self.find(key).map_or(self.at.clone(), Spanned::span);
        self.notes.add(at, format!("{}{key}: {}", self.path, message.into()));
    }

    /// Notes that `value` was taken before in this document, among what `what` names.
    pub fn once(&self, key: &str, what: &'static str, value: impl fmt::Display) {
        let value = value.to_string();
        if !self.notes.seen.borrow_mut().insert((what, value.clone())) {
            self.complain(key, format!("the {what} {value} is taken; each must be unique in the document"));
        }
    }

    fn array<T>(
        &mut self,
        key: &'static str,
        length: RangeInclusive<usize>,
        mut element: impl FnMut(&Self, &'t Spanned<DeValue<'t>>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.value(key)?;
        let array = self.expect(key, value, value.get_ref().as_array(), "a list")?;
        if array.len() > MAX_ELEMENTS || !length.contains(&array.len()) {
            let message = format!("must have {} to {} elements", length.start(), length.end());
            return self.note(key, value, Err(message));
        }
        // Every element is read, so that one run reports them all; one that fails makes the whole fail.
        let read: Vec<_> = array.iter().map(|value| element(self, value)).collect();
        read.into_iter().collect()
    }

    fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.insert(key);
        let found = self.find(key);
        if found.is_none() {
            self.notes.add(self.at.clone(), format!("{}{key} is missing; add it", self.path));
        }
        found
    }

    fn find(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.entries.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn expect<T>(&self, key: &str, value: &Spanned<DeValue<'_>>, read: Option<T>, wanted: &str) -> Option<T> {
        self.note(key, value, read.ok_or_else(|| format!("must be {wanted}")))
    }

    fn note<T>(&self, key: &str, value: &Spanned<DeValue<'_>>, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.notes.add(value.span(), format!("{}{key}: {message}", self.path))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let read = read(text, |root| {
            let name = root.text::<String>("name");
            let count = root.integer("count", 1..=9);
            let inner = root.tables_if_any("inner", 0..=2, |inner| inner.list::<String>("list", 1..=3));
            Some((name?, count?, inner?))
        });
        read.err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn one_run_reports_everything_with_its_line() {
        assert_eq!(problems("name = 'a'\ncount = 3\n[[inner]]\nlist = ['x', 'y']\n"), [""; 0]);
        assert_eq!(
            problems("nam = 'a'\ncount = 10\n[[inner]]\nlist = ['x', 'x']\n[[inner]]\nlist = [1]"),
            [
                "line 1: name is missing; add it",
                "line 1: unknown key nam; remove it",
                "line 2: count: must be a whole number from 1 to 9",
                "line 4: inner.list: x stands here twice; remove one",
                "line 6: inner.list: must be a list of texts in quotes",
            ]
        );
    }

    #[test]
    fn a_repeated_key_and_broken_syntax_are_reported() {
        assert_eq!(problems("name = 'a'\ncount = 3\ncount = 3\n").len(), 1);
        assert!(!problems("name = 'a\ncount = 3\n").is_empty());
        assert!(
            !problems(
                "name = 'a'\ncount = 3\n[[inner]]\nlist=['a']\n[[inner]]\nlist=['a']\n[[inner]]\nlist=['a']"
            )
            .is_empty()
        );
    }
}
