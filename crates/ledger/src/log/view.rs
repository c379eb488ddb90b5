//! What readers see of the newest entries: those that the archive does not hold yet, and the right edge before them.

use huxin_attest::Digest;

use crate::blocks::Blocks;
use crate::checkpoint::{LogVerifierKey, Origin, SignedCheckpoint};
use crate::store::{Entry, Record, RecordRefused};
use crate::tree::{BeyondTree, Border, Tree};
use crate::worklist::Worklist;

pub(super) struct View {
    pub(super) tree: Tree,
    entries: Blocks<Entry>,
    pub(super) worklist: Worklist,
    own: Origin,
    /// The last durable head: the tree may be ahead of it, by one batch that is being written.
    pub(super) head: SignedCheckpoint,
}

/// What a view no longer needs.
pub(super) type GivenBack = (Vec<Vec<Digest>>, Vec<Vec<Entry>>);

impl View {
    /// The view behind what was integrated; `tree` has the size of `head`.
    pub(super) fn new(tree: Tree, own: Origin, head: SignedCheckpoint) -> Self {
        let entries = Blocks::starting_at(tree.size());
        Self { tree, entries, worklist: Worklist::default(), own, head }
    }

    pub(super) fn size(&self) -> u64 {
        self.head.checkpoint().size
    }

    /// A durable entry; `None` if the archive has it.
    pub(super) fn entry(&self, index: u64) -> Result<Option<&Entry>, BeyondTree> {
        if index < self.size() { Ok(self.entries.get(index)) } else { Err(BeyondTree { size: self.size() }) }
    }

    /// Appends a batch; returns its first index and the border behind it.
    pub(super) fn grow(&mut self, batch: &[Entry]) -> Result<(u64, Border), BeyondTree> {
        let first = self.tree.size();
        for entry in batch {
            self.tree.append(entry.hash);
            self.keep(entry.clone());
        }
        Ok((first, self.tree.border(self.tree.size())?))
    }

    pub(super) fn replay(&mut self, record: &Record<'_>, key: &LogVerifierKey) -> Result<(), RecordRefused> {
        let mut entries = Vec::with_capacity(record.entries.len());
        self.head = super::replay(&mut self.tree, record, key, |entry| entries.push(entry))?;
        entries.into_iter().for_each(|entry| self.keep(entry));
        Ok(())
    }

    fn keep(&mut self, entry: Entry) {
        self.worklist.note(self.entries.end(), &entry.mark, &self.own);
        self.entries.push(entry);
    }

    /// Forgets the entries before `size`.
    pub(super) fn trim(&mut self, size: u64) -> GivenBack {
        self.worklist.trim(size);
        (self.tree.trim(size), self.entries.trim(size))
    }
}
