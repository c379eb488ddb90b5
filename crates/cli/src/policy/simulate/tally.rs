//! What a simulation counts. Memory is bounded whatever the log holds: of each list only so much is kept, and the rest
//! is counted.

use std::collections::BTreeMap;

use huxin_trust_policy::{Lang, LoggedDecision, LoggedGiven, UnmappedLabel};
use serde::Serialize;

use super::Answer;
use crate::messages;
use crate::messages::words::spoken;

/// The most rows of one table.
const MAX_ROWS: usize = 1000;

/// How an answer differs from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    AdmitToReview,
    ReviewToAdmit,
    AskedMore,
    AskedLess,
    Obligations,
    /// More is asked than was at the time, so that nobody knows the answer.
    AnswerUnknown,
    /// The same answer, by another rule or case.
    OnlyTheRule,
}

/// The counts of one simulation.
pub(super) struct Tally {
    max_examples: usize,
    decisions: u64,
    same: u64,
    differing: u64,
    changes: BTreeMap<Change, Counted>,
    rules: Table<(String, String)>,
    issuers: Table<(String, Change)>,
    labels: Table<UnmappedLabel>,
    not_judged: Table<String>,
    untold: u64,
}

#[derive(Default)]
struct Counted {
    count: u64,
    examples: Vec<Example>,
}

/// Rows with their counts, at most [`MAX_ROWS`].
struct Table<K> {
    rows: BTreeMap<K, u64>,
    others: u64,
}

/// One decision whose answer changes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Example {
    line: u64,
    given: LoggedGiven,
    old: Answer,
    new: Answer,
}

/// The result, for machines.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    decisions: u64,
    same: u64,
    different: u64,
    changes: Vec<ShownChange<'a>>,
    by_rule: Vec<ByRule<'a>>,
    by_issuer: Vec<ByIssuer<'a>>,
    unmapped_labels: Vec<Label<'a>>,
    not_judged: Vec<NotJudged<'a>>,
    /// Decisions with statements that the language of policies cannot tell; they were judged without them.
    with_untold: u64,
    /// Counts that found no room in a table above.
    rows_left_off: u64,
}

#[derive(Serialize)]
struct ShownChange<'a> {
    change: Change,
    count: u64,
    examples: &'a [Example],
}

#[derive(Serialize)]
struct ByRule<'a> {
    old: &'a str,
    new: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct ByIssuer<'a> {
    region: &'a str,
    change: Change,
    count: u64,
}

#[derive(Serialize)]
struct Label<'a> {
    region: String,
    key: &'static str,
    label: &'a str,
    /// No other part of the statement maps: it decides nothing.
    undecided: bool,
    count: u64,
}

#[derive(Serialize)]
struct NotJudged<'a> {
    why: &'a str,
    count: u64,
}

impl Change {
    /// All differences; none for the same answer by the same case.
    pub(super) fn between(old: &Answer, new: &Answer, unknown: bool) -> Vec<Self> {
        let beyond = |a: &[String], b: &[String]| a.iter().any(|one| !b.contains(one));
        let mut all = Vec::new();
        let mut add = |holds: bool, change| {
            if holds {
                all.push(change);
            }
        };
        add(beyond(&new.ask, &old.ask), Self::AskedMore);
        add(beyond(&old.ask, &new.ask), Self::AskedLess);
        if unknown {
            add(true, Self::AnswerUnknown);
            return all;
        }
        add((&*old.then, &*new.then) == ("admit", "review"), Self::AdmitToReview);
        add((&*old.then, &*new.then) == ("review", "admit"), Self::ReviewToAdmit);
        add(beyond(&new.must, &old.must) || beyond(&old.must, &new.must), Self::Obligations);
        if all.is_empty() && (&old.by, &old.case) != (&new.by, &new.case) {
            all.push(Self::OnlyTheRule);
        }
        all
    }
}

impl<K: Ord> Table<K> {
    const fn new() -> Self {
        Self { rows: BTreeMap::new(), others: 0 }
    }

    fn add(&mut self, key: K) {
        if let Some(count) = self.rows.get_mut(&key) {
            *count += 1;
        } else if self.rows.len() < MAX_ROWS {
            self.rows.insert(key, 1);
        } else {
            self.others += 1;
        }
    }

    /// The most frequent first.
    fn sorted(&self) -> Vec<(&K, u64)> {
        let mut rows: Vec<_> = self.rows.iter().map(|(key, count)| (key, *count)).collect();
        rows.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
        rows
    }
}

impl Tally {
    pub(super) const fn new(max_examples: usize) -> Self {
        Self {
            max_examples,
            decisions: 0,
            same: 0,
            differing: 0,
            changes: BTreeMap::new(),
            rules: Table::new(),
            issuers: Table::new(),
            labels: Table::new(),
            not_judged: Table::new(),
            untold: 0,
        }
    }

    /// Is anything answered differently, or not known to be answered the same?
    pub(super) fn differs(&self) -> bool {
        self.differing > 0
    }

    pub(super) fn labels(&mut self, found: Vec<UnmappedLabel>) {
        found.into_iter().for_each(|label| self.labels.add(label));
    }

    pub(super) fn not_judged(&mut self, why: &str) {
        self.decisions += 1;
        self.not_judged.add(why.to_owned());
    }

    pub(super) fn compared(
        &mut self,
        line: u64,
        decision: &LoggedDecision,
        old: &Answer,
        new: &Answer,
        changes: &[Change],
    ) {
        self.decisions += 1;
        self.untold += u64::from(!decision.untold.is_empty());
        let differs = changes.iter().any(|change| *change != Change::OnlyTheRule);
        if differs {
            self.differing += 1;
        } else {
            self.same += 1;
        }
        if changes.is_empty() {
            return;
        }
        self.rules.add((old.rule(), new.rule()));
        let mut issuers: Vec<_> = decision.statements().map(|statement| &*statement.from).collect();
        issuers.sort_unstable();
        issuers.dedup();
        for change in changes {
            let counted = self.changes.entry(*change).or_default();
            counted.count += 1;
            if counted.examples.len() < self.max_examples {
                let (given, old, new) = (decision.given.clone(), old.clone(), new.clone());
                counted.examples.push(Example { line, given, old, new });
            }
            if *change != Change::OnlyTheRule {
                issuers.iter().for_each(|issuer| self.issuers.add(((*issuer).to_owned(), *change)));
            }
        }
    }

    pub(super) fn shown(&self) -> Shown<'_> {
        let changes = self.changes.iter();
        let rules = self.rules.sorted().into_iter();
        let issuers = self.issuers.rows.iter();
        let labels = self.labels.sorted().into_iter();
        let not_judged = self.not_judged.sorted().into_iter();
        Shown {
            decisions: self.decisions,
            same: self.same,
            different: self.differing,
            changes: changes
                .map(|(change, counted)| ShownChange {
                    change: *change,
                    count: counted.count,
                    examples: &counted.examples,
                })
                .collect(),
            by_rule: rules.map(|((old, new), count)| ByRule { old, new, count }).collect(),
            by_issuer: issuers
                .map(|((region, change), count)| ByIssuer { region, change: *change, count: *count })
                .collect(),
            unmapped_labels: labels
                .map(|(label, count)| Label {
                    region: label.region.to_string(),
                    key: label.key,
                    label: &label.label,
                    undecided: label.undecided,
                    count,
                })
                .collect(),
            not_judged: not_judged.map(|(why, count)| NotJudged { why, count }).collect(),
            with_untold: self.untold,
            rows_left_off: self.rules.others
                + self.issuers.others
                + self.labels.others
                + self.not_judged.others,
        }
    }
}

impl Answer {
    fn rule(&self) -> String {
        match (&self.by, &self.case) {
            (Some(rule), Some(case)) => format!("{rule}/{case}"),
            (Some(rule), None) => rule.clone(),
            (None, _) => "-".to_owned(),
        }
    }

    fn words(&self, lang: Lang) -> String {
        let must = if self.must.is_empty() { String::new() } else { format!(" [{}]", self.must.join(", ")) };
        format!("{} {}{must}", self.rule(), spoken(&self.then, lang))
    }
}

impl Shown<'_> {
    pub(super) fn to_text(&self, lang: Lang) -> String {
        let mut lines =
            vec![messages::simulated(self.decisions, self.same, self.different).get(lang).to_owned()];
        for ShownChange { change, count, examples } in &self.changes {
            let colon = if lang == Lang::Zh { "：" } else { ": " };
            lines.push(format!("{}{colon}{count}", messages::change(*change).get(lang)));
            for example in *examples {
                let given = serde_json::to_string(&example.given).unwrap_or_default();
                let (old, new) = (example.old.words(lang), example.new.words(lang));
                lines.push(format!("  #{}: {old} → {new}  {given}", example.line));
            }
        }
        let table = |lines: &mut Vec<String>, title: messages::Text, rows: Vec<String>| {
            if !rows.is_empty() {
                lines.push(title.get(lang).to_owned());
                lines.extend(rows.into_iter().map(|row| format!("  {row}")));
            }
        };
        let rules = self.by_rule.iter().map(|row| format!("{} → {}: {}", row.old, row.new, row.count));
        table(&mut lines, messages::by_rule(), rules.collect());
        let issuers = self
            .by_issuer
            .iter()
            .map(|row| format!("{} {}: {}", row.region, messages::change(row.change).get(lang), row.count));
        table(&mut lines, messages::by_issuer(), issuers.collect());
        let labels = self.unmapped_labels.iter().map(|row| {
            let undecided = if row.undecided {
                messages::label_decides_nothing().get(lang).to_owned()
            } else {
                String::new()
            };
            format!("{} {} {:?}: {}{undecided}", row.region, row.key, row.label, row.count)
        });
        table(&mut lines, messages::unmapped_labels(), labels.collect());
        let not_judged = self.not_judged.iter().map(|row| format!("{}: {}", row.why, row.count));
        table(&mut lines, messages::not_simulated(), not_judged.collect());
        if self.with_untold > 0 {
            lines.push(messages::with_untold(self.with_untold).get(lang).to_owned());
        }
        if self.rows_left_off > 0 {
            lines.push(messages::rows_left_off(self.rows_left_off).get(lang).to_owned());
        }
        lines.push(messages::nothing_asked_is_not_here().get(lang).to_owned());
        let printable = lines.iter().map(|line| huxin_attest::text::printable(line));
        printable.collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(then: &str, ask: &[&str], case: &str, must: &[&str]) -> Answer {
        let names = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        let (by, case) = (Some("R".to_owned()), Some(case.to_owned()));
        Answer { then: then.to_owned(), ask: names(ask), by, case, must: names(must) }
    }

    #[test]
    fn every_difference_of_two_answers_is_named() {
        let old = answer("admit", &["health_code"], "a", &["mask"]);
        let found = |new: &Answer, unknown| Change::between(&old, new, unknown);
        assert_eq!(found(&old, false), []);
        assert_eq!(found(&answer("admit", &["health_code"], "b", &["mask"]), false), [Change::OnlyTheRule]);
        assert_eq!(
            found(&answer("review", &["nucleic_test"], "b", &[]), false),
            [Change::AskedMore, Change::AskedLess, Change::AdmitToReview, Change::Obligations]
        );
        assert_eq!(
            found(&answer("review", &["health_code", "nucleic_test"], "b", &[]), true),
            [Change::AskedMore, Change::AnswerUnknown]
        );
        let lighter =
            Change::between(&answer("review", &[], "a", &[]), &answer("admit", &[], "a", &[]), false);
        assert_eq!(lighter, [Change::ReviewToAdmit]);
    }

    #[test]
    fn a_table_keeps_a_thousand_rows_and_counts_the_rest() {
        let mut table = Table::new();
        for number in (0..MAX_ROWS + 7).chain([3, 3]) {
            table.add(number);
        }
        assert_eq!((table.rows.len(), table.others), (MAX_ROWS, 7));
        assert_eq!(table.sorted()[0], (&3, 3));
    }
}
