//! Salts from a pool: one call to the system's generator yields 256 of them.

use std::sync::{Mutex, PoisonError};

use huxin_attest::{Random, SystemRandom};

const POOL_LEN: usize = 4096;

/// A pool of random bytes; each is handed out once and wiped.
#[derive(Debug)]
pub struct SaltPool {
    inner: Mutex<Pool>,
}

#[derive(Debug)]
struct Pool {
    bytes: [u8; POOL_LEN],
    used: usize,
}

impl SaltPool {
    /// An empty pool; the first salt fills it.
    pub const fn new() -> Self {
        Self { inner: Mutex::new(Pool { bytes: [0; POOL_LEN], used: POOL_LEN }) }
    }

    /// Fresh random bytes, at most 64.
    pub fn take<const N: usize>(&self) -> [u8; N] {
        const { assert!(N <= 64) };
        let mut pool = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.used + N > POOL_LEN {
            SystemRandom.fill(&mut pool.bytes);
            pool.used = 0;
        }
        let start = pool.used;
        pool.used += N;
        let mut out = [0; N];
        if let Some(fresh) = pool.bytes.get_mut(start..start + N) {
            out.copy_from_slice(fresh);
            fresh.fill(0);
        }
        out
    }
}

impl Default for SaltPool {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_salt_is_handed_out_twice() {
        let pool = SaltPool::new();
        let salts: HashSet<[u8; 16]> = (0..2000).map(|_| pool.take()).collect();
        assert_eq!(salts.len(), 2000);
        assert!(!salts.contains(&[0; 16]));
    }
}
