//! How far an import is, on the error stream: one line that is rewritten on a terminal, a line every few seconds
//! elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::messages::{self, Text};

/// How often a terminal's line is rewritten.
const REWRITTEN: Duration = Duration::from_millis(200);
/// How often a line is written elsewhere.
const WRITTEN: Duration = Duration::from_secs(5);
/// Returns to the start of the line and clears it.
const CLEAR: &str = "\r\u{1b}[K";

/// Tells how far something is, now and then.
pub(super) struct Progress<'a> {
    context: &'a Context,
    terminal: bool,
    began: Instant,
    told: Instant,
    shown: bool,
}

impl<'a> Progress<'a> {
    /// Begins now.
    pub(super) fn new(context: &'a Context) -> Self {
        let now = Instant::now();
        let terminal = std::io::stderr().is_terminal();
        Self { context, terminal, began: now, told: now, shown: false }
    }

    /// Lines were read.
    pub(super) fn checked(&mut self, lines: u64) {
        if self.is_due() {
            self.tell(&messages::checked(lines));
        }
    }

    /// `done` of `total` facts are imported, `before` of them by an earlier run.
    pub(super) fn imported(&mut self, done: u64, before: u64, total: u64) {
        if self.is_due() {
            let rate = rate(done - before, self.began.elapsed());
            self.tell(&messages::imported(done, total, rate, left(total - done, rate)));
        }
    }

    fn is_due(&self) -> bool {
        self.told.elapsed() >= if self.terminal { REWRITTEN } else { WRITTEN }
    }

    fn tell(&mut self, text: &Text) {
        self.told = Instant::now();
        if self.terminal {
            self.shown = true;
            // Lost where nobody can read it.
            let _ = write!(std::io::stderr().lock(), "{CLEAR}{}", text.get(self.context.lang));
        } else {
            self.context.note(text);
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr().lock(), "{CLEAR}");
        }
    }
}

/// Facts a second.
#[allow(clippy::cast_precision_loss, reason = "a rate for people")]
pub(super) fn rate(facts: u64, time: Duration) -> f64 {
    (facts as f64 / time.as_secs_f64().max(1e-6)).round()
}

/// How long the rest takes at this rate; `None` if there is no rate yet.
#[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
fn left(facts: u64, rate: f64) -> Option<Duration> {
    Duration::try_from_secs_f64((facts as f64 / rate).ceil()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_the_rate_says_and_nobody_knows_without_one() {
        assert_eq!(rate(500, Duration::from_secs(2)), 250.0);
        assert_eq!(left(1001, 250.0), Some(Duration::from_secs(5)));
        assert_eq!(left(1, 0.0), None);
        assert_eq!(left(0, 0.0), None);
    }
}
