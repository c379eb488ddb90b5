//! Randomness, passed in so that tests can repeat a run.

/// A source of bytes that nobody can predict.
pub trait Random {
    /// Fills `out`.
    fn fill(&mut self, out: &mut [u8]);

    /// An array of random bytes.
    fn array<const N: usize>(&mut self) -> [u8; N]
    where
        Self: Sized,
    {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

/// The operating system's generator (through aws-lc's DRBG).
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// # Panics
    /// If the system has no entropy: nothing safe can be done without it.
    #[allow(
        clippy::expect_used,
        reason = "a node without randomness must stop, not sign with guessable salts"
    )]
    fn fill(&mut self, out: &mut [u8]) {
        aws_lc_rs::rand::fill(out).expect("the system's random generator failed");
    }
}
