//! A list that grows by whole blocks and is given back from its front by whole blocks: growing never moves what was
//! stored, so an append never stalls to copy it.

use std::collections::VecDeque;

/// Items a block; even, so that a pair never spans two blocks.
pub(crate) const BLOCK: u64 = 4096;

/// A run of items with their indices. What was before the run is no longer here.
#[derive(Debug)]
pub(crate) struct Blocks<T> {
    /// The index of the first item.
    start: u64,
    /// The first block ends at a multiple of [`BLOCK`], each further one begins there.
    blocks: VecDeque<Vec<T>>,
    end: u64,
}

impl<T> Blocks<T> {
    /// An empty run that begins at `start`, which must be even for [`Blocks::last_pair`].
    pub(crate) const fn starting_at(start: u64) -> Self {
        Self { start, blocks: VecDeque::new(), end: start }
    }

    /// The index behind the last item.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    pub(crate) fn push(&mut self, item: T) {
        let begins = self.end.is_multiple_of(BLOCK) || self.blocks.is_empty();
        if begins {
            // Short lists stay small; only a list that filled a block reserves whole ones.
            let capacity = if self.blocks.is_empty() { 1 } else { BLOCK as usize };
            self.blocks.push_back(Vec::with_capacity(capacity));
        }
        if let Some(block) = self.blocks.back_mut() {
            block.push(item);
            self.end += 1;
        }
    }

    pub(crate) fn get(&self, index: u64) -> Option<&T> {
        let within = index.checked_sub(self.start)?;
        let (block, place) = match index / BLOCK - self.start / BLOCK {
            0 => (0, within),
            block => (block, index % BLOCK),
        };
        self.blocks.get(usize::try_from(block).ok()?)?.get(place as usize)
    }

    /// The two last items if the end is even.
    pub(crate) fn last_pair(&self) -> Option<(&T, &T)> {
        match self.blocks.back()?.as_slice() {
            [.., left, right] if self.end.is_multiple_of(2) => Some((left, right)),
            _ => None,
        }
    }

    /// Gives back the blocks that hold nothing from `from` on. The caller drops them, outside of any lock.
    pub(crate) fn trim(&mut self, from: u64) -> Vec<Vec<T>> {
        let mut given_back = Vec::new();
        while let Some(next) = (self.start / BLOCK + 1).checked_mul(BLOCK)
            && next <= from.min(self.end)
        {
            given_back.extend(self.blocks.pop_front());
            self.start = next;
        }
        given_back
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_keeps_its_indices_wherever_it_begins_and_is_trimmed() {
        for start in [0, 2, BLOCK - 2, BLOCK, 3 * BLOCK + 10] {
            let mut run = Blocks::starting_at(start);
            let end = start + 2 * BLOCK + 7;
            for item in start..end {
                assert_eq!(run.end(), item);
                run.push(item);
                let pair = run.last_pair().map(|(left, right)| (*left, *right));
                assert_eq!(pair, (item % 2 == 1).then(|| (item - 1, item)), "{item} from {start}");
            }
            for from in [start, start + 1, start + BLOCK, end - 1, end, end + BLOCK] {
                run.trim(from);
                let first = run.start;
                assert!(first <= from.min(end) && from.min(end) - first < BLOCK && first.is_multiple_of(2));
                assert_eq!(run.get(first.wrapping_sub(1)), None);
                (first..end).for_each(|index| assert_eq!(run.get(index), Some(&index)));
                assert_eq!((run.get(end), run.end()), (None, end));
            }
        }
    }
}
