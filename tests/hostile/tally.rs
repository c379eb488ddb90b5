//! What became of the requests.

use std::collections::BTreeMap;

use huxin_wire::Reason;

/// Reasons that a request of any form may get, but only where the machine is too slow for the test.
const SLOW: [Reason; 2] = [Reason::DeadlineExceeded, Reason::Overloaded];

/// How an accepted request is counted.
const ACCEPTED: &str = "ok";

/// Counts by RPC and outcome, and what must not be.
#[derive(Default)]
pub struct Tally {
    counts: BTreeMap<(String, &'static str), usize>,
    problems: Vec<String>,
}

impl Tally {
    /// Counts one request.
    pub fn count(&mut self, path: &str, outcome: Result<Option<Reason>, String>) {
        match outcome {
            Ok(reason) => {
                let name = reason.map_or(ACCEPTED, Reason::name);
                *self.counts.entry((path.to_owned(), name)).or_default() += 1;
            }
            Err(problem) => self.problem(format!("{path}: {problem}")),
        }
    }

    /// Notes what must not be.
    pub fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// How many requests were counted.
    pub fn total(&self) -> usize {
        self.counts.values().sum::<usize>() + self.problems.len()
    }

    /// How many requests failed for one of these reasons.
    pub fn of(&self, reasons: &[Reason]) -> usize {
        let named = |name: &str| reasons.iter().any(|reason| reason.name() == name);
        self.counts.iter().filter(|((_, name), _)| named(name)).map(|(_, count)| count).sum()
    }

    /// Requests that the node may have carried out without saying so.
    pub fn unsure(&self) -> usize {
        self.of(&SLOW)
    }

    /// Prints what was counted.
    pub fn print(&self) {
        for ((path, name), count) in &self.counts {
            println!("{count:7} {path} {name}");
        }
    }

    /// Every request ended as it must.
    ///
    /// # Panics
    /// If one did not, or the node failed inside.
    pub fn assert_clean(&self) {
        let shown = &self.problems[..self.problems.len().min(20)];
        assert!(self.problems.is_empty(), "{} problems: {shown:#?}", self.problems.len());
        assert_eq!(self.of(&[Reason::Internal, Reason::ShuttingDown]), 0, "the node failed inside");
        assert!(self.unsure() * 1000 <= self.total(), "{} requests came too late", self.unsure());
        for path in self.counts.keys().map(|(path, _)| path) {
            let built = self.ended(path, Reason::UnknownRpc.name()) == 0;
            assert!(self.ended(path, ACCEPTED) > 0 || !built, "{path}: none was accepted");
        }
    }

    fn ended(&self, path: &str, name: &'static str) -> usize {
        self.counts.get(&(path.to_owned(), name)).copied().unwrap_or_default()
    }
}
