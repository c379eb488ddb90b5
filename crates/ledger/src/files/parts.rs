//! The bytes of a block: the same part of several entries that follow each other, one row of the store instead of many.
//!
//! ```text
//! parts  end(4) for each part  count(4)
//! ```
//!
//! Integers are big-endian. An end is an offset in the parts; its highest bit says that the part was erased, which is
//! not the same as empty.

use std::ops::Range;

/// So many entries share a block. Fewer cost more rows, more cost more bytes read for one entry and written again for a
/// block that is not full yet.
pub(super) const BLOCK_ENTRIES: u64 = 128;

const ERASED: u32 = 1 << 31;

/// A block that is being filled.
#[derive(Debug, Default)]
pub(super) struct Filling {
    /// The parts; the ends stand behind them only while the block is stored.
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

/// A block as it was stored, cut apart but not copied.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    bytes: &'a [u8],
    ends: &'a [[u8; 4]],
}

/// A block with too many bytes for its offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

impl Filling {
    /// Appends one entry's part, given in pieces.
    pub(super) fn push(&mut self, pieces: &[&[u8]]) -> Result<(), TooLong> {
        pieces.iter().for_each(|piece| self.bytes.extend_from_slice(piece));
        let end = u32::try_from(self.bytes.len()).ok().filter(|end| end & ERASED == 0);
        self.ends.push(end.ok_or(TooLong)?);
        Ok(())
    }

    /// Takes over the parts of a block that was stored before it was full; what was erased stays erased.
    pub(super) fn resume(&mut self, stored: &Parts<'_>) {
        self.clear();
        self.bytes.extend_from_slice(stored.bytes);
        self.ends.extend(stored.ends.iter().map(|end| u32::from_be_bytes(*end)));
    }

    /// Hands over the bytes to be stored. More parts may follow.
    pub(super) fn store<T>(&mut self, store: impl FnOnce(&[u8]) -> T) -> T {
        let len = self.bytes.len();
        self.ends.iter().for_each(|end| self.bytes.extend_from_slice(&end.to_be_bytes()));
        // A block never has more ends than an offset can count.
        self.bytes.extend_from_slice(&(self.ends.len() as u32).to_be_bytes());
        let stored = store(&self.bytes);
        self.bytes.truncate(len);
        stored
    }

    /// Begins the next block in the same memory.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

impl<'a> Parts<'a> {
    /// Takes a block apart; `None` if it is none.
    pub(super) fn parse(block: &'a [u8]) -> Option<Self> {
        let (rest, count) = block.split_last_chunk::<4>()?;
        let ends_len = usize::try_from(u32::from_be_bytes(*count)).ok()?.checked_mul(4)?;
        let (bytes, ends) = rest.split_at_checked(rest.len().checked_sub(ends_len)?)?;
        let parts = Self { bytes, ends: ends.as_chunks().0 };
        let mut last = 0;
        for place in 0..parts.count() {
            let Range { start, end } = parts.range(place)?;
            if start != last || end < start {
                return None;
            }
            last = end;
        }
        (last == bytes.len()).then_some(parts)
    }

    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// The part at a place of the block: `None` if the block has no such place, `Some(None)` if the part was erased.
    pub(super) fn get(&self, place: usize) -> Option<Option<&'a [u8]>> {
        let erased = self.end(place)? & ERASED != 0;
        if erased { Some(None) } else { self.bytes.get(self.range(place)?).map(Some) }
    }

    fn range(&self, place: usize) -> Option<Range<usize>> {
        let offset = |place| self.end(place).map(|end| (end & !ERASED) as usize);
        let start = place.checked_sub(1).map_or(Some(0), offset)?;
        Some(start..offset(place)?)
    }

    fn end(&self, place: usize) -> Option<u32> {
        self.ends.get(place).map(|end| u32::from_be_bytes(*end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_come_back_also_from_a_block_that_was_stored_and_went_on(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..9),
            stop in 0..9_usize,
        ) {
            let mut filling = Filling::default();
            let (before, behind) = parts.split_at(stop.min(parts.len()));
            before.iter().for_each(|part| filling.push(&[part]).unwrap());
            let stored = filling.store(<[u8]>::to_vec);
            let mut filling = Filling::default();
            filling.resume(&Parts::parse(&stored).unwrap());
            behind.iter().for_each(|part| filling.push(&part.chunks(3).collect::<Vec<_>>()).unwrap());
            let stored = filling.store(<[u8]>::to_vec);
            let found = Parts::parse(&stored).unwrap();
            prop_assert_eq!(found.count(), parts.len());
            for (place, part) in parts.iter().enumerate() {
                prop_assert_eq!(found.get(place), Some(Some(part.as_slice())));
            }
            prop_assert_eq!(found.get(parts.len()), None);
            // Cut anywhere, it is none, or at least does not name what is not there.
            for len in 0..stored.len() {
                if let Some(cut) = Parts::parse(&stored[..len]) {
                    (0..cut.count()).for_each(|place| assert!(cut.get(place).is_some()));
                }
            }
        }
    }

    #[test]
    fn what_was_erased_is_not_empty_and_stays_erased() {
        let mut stored = Filling::default();
        stored.push(&[b"ab"]).unwrap();
        stored.push(&[]).unwrap();
        let mut erased = stored.store(<[u8]>::to_vec);
        // The first part's end, in a block without the part's bytes.
        erased.splice(..6, ERASED.to_be_bytes());
        erased.splice(4..8, 0_u32.to_be_bytes());
        let mut resumed = Filling::default();
        resumed.resume(&Parts::parse(&erased).unwrap());
        resumed.push(&[b"c"]).unwrap();
        let stored = resumed.store(<[u8]>::to_vec);
        let parts = Parts::parse(&stored).unwrap();
        assert_eq!((parts.get(0), parts.get(1)), (Some(None), Some(Some(&b""[..]))));
        assert_eq!((parts.get(2), parts.get(3)), (Some(Some(&b"c"[..])), None));
    }

    #[test]
    fn bytes_that_are_no_block_are_refused() {
        let whole = [b"abc".as_slice(), &[0, 0, 0, 1], &[0, 0, 0, 3], &[0, 0, 0, 2]].concat();
        assert_eq!(Parts::parse(&whole).unwrap().get(1), Some(Some(&b"bc"[..])));
        for (place, byte) in [(6, 4), (10, 2), (10, 4), (14, 1), (14, 4), (11, 0xff)] {
            let mut changed = whole.clone();
            changed[place] = byte;
            assert!(Parts::parse(&changed).is_none(), "{place} {byte}");
        }
        assert!(Parts::parse(&[]).is_none() && Parts::parse(&[0, 0, 0, 1]).is_none());
        assert_eq!(Parts::parse(&[0; 4]).unwrap().count(), 0);
    }
}
