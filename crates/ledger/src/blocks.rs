//! A list that grows by whole blocks: growing never moves what was stored, so an append never stalls to copy it.

/// Items a block; even, so that a pair never spans two blocks.
pub(crate) const BLOCK: usize = 4096;

/// A list of items.
#[derive(Debug)]
pub(crate) struct Blocks<T> {
    blocks: Vec<Vec<T>>,
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T> Blocks<T> {
    pub(crate) fn len(&self) -> u64 {
        let full = self.blocks.len().saturating_sub(1) * BLOCK;
        (full + self.blocks.last().map_or(0, Vec::len)) as u64
    }

    pub(crate) fn push(&mut self, item: T) {
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(item),
            full => {
                // Short lists stay small; only a list that filled a block reserves whole ones.
                let mut block = Vec::with_capacity(if full.is_none() { 1 } else { BLOCK });
                block.push(item);
                self.blocks.push(block);
            }
        }
    }

    pub(crate) fn get(&self, index: u64) -> Option<&T> {
        let index = usize::try_from(index).ok()?;
        self.blocks.get(index / BLOCK)?.get(index % BLOCK)
    }

    /// The two last items if the length is even.
    pub(crate) fn last_pair(&self) -> Option<(&T, &T)> {
        match self.blocks.last()?.as_chunks::<2>() {
            (pairs, []) => pairs.last().map(|[left, right]| (left, right)),
            _ => None,
        }
    }
}
