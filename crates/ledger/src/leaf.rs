//! The leaf: 42 bytes that commit to an event without showing it.
//!
//! A leaf says when and of what type; everything else is behind two salted hashes. Nothing that identifies a person, no
//! digest of a statement and no low-entropy hash may ever stand bare in a leaf.

use std::fmt;

use huxin_attest::{Digest, Random, UnixMs, merkle, sha256};

/// The length of a leaf in bytes: version(1) type(1) `unix_ms`(8, big-endian) commitment(32).
pub const LEAF_LEN: usize = 42;

/// The length of a salt in bytes.
pub const SALT_LEN: usize = 16;

/// The length of the private part of an exchange: two SHA-256 digests.
pub const EXCHANGE_PRIVATE_LEN: usize = 64;

const VERSION: u8 = 1;

/// What a leaf records. The numbers are part of the hashed bytes and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum LeafType {
    /// An answer to another province's question.
    Answer = 1,
    /// A question that was refused.
    Refusal = 2,
    /// What this province decided about a person.
    Decision = 3,
    /// What a person did with a review.
    Resolution = 4,
    /// A count of decisions that asked nothing.
    Aggregate = 5,
    /// A change of what was stated about a person.
    Change = 6,
    /// A statement that the registry refused to take.
    RefusedStatement = 7,
    /// An earlier answer used again while its origin was silent.
    Reuse = 8,
    /// A policy that came into force or left it.
    Policy = 9,
    /// A membership list that came into force.
    Membership = 10,
}

/// Bytes that are no leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not 42 bytes.
    #[error("a leaf has exactly 42 bytes")]
    Length,
    /// Another version of the format.
    #[error("unknown leaf version; this program reads version 1")]
    Version,
    /// A type that the table does not list.
    #[error("unknown leaf type; known types are 1 to 10")]
    Type,
    /// A time outside the years 1970 to 9999.
    #[error("the time of the leaf lies outside 1970 to 9999")]
    Time,
}

/// Sixteen random bytes that keep a hash from being guessed. Never shown by `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; SALT_LEN]);

/// One entry of the log, as everybody may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// What is recorded.
    pub leaf_type: LeafType,
    /// When, by the facts clock of the log's node.
    pub at: UnixMs,
    /// The salted hashes of the public and the private part, see [`commitment`].
    pub commitment: Digest,
}

impl Leaf {
    /// The 42 bytes that enter the tree.
    pub fn to_bytes(&self) -> [u8; LEAF_LEN] {
        let mut out = [0; LEAF_LEN];
        let time = self.at.as_ms().to_be_bytes();
        let fields = [VERSION, self.leaf_type.number()].into_iter().chain(time).chain(self.commitment.0);
        out.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
        out
    }

    /// Reads the 42 bytes of a leaf.
    ///
    /// # Errors
    /// If they have another length, version, type or an impossible time.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LeafError> {
        let bytes: &[u8; LEAF_LEN] = bytes.try_into().map_err(|_| LeafError::Length)?;
        let [version, leaf_type, rest @ ..] = bytes;
        if *version != VERSION {
            return Err(LeafError::Version);
        }
        let leaf_type = LeafType::from_number(u64::from(*leaf_type)).ok_or(LeafError::Type)?;
        let (time, commitment) = rest.split_first_chunk::<8>().ok_or(LeafError::Length)?;
        let at = UnixMs::from_ms(i64::from_be_bytes(*time)).ok_or(LeafError::Time)?;
        let commitment = Digest::try_from(commitment).map_err(|_| LeafError::Length)?;
        Ok(Self { leaf_type, at, commitment })
    }

    /// The hash under which the leaf stands in the tree (RFC 6962 §2.1).
    pub fn hash(&self) -> Digest {
        merkle::leaf_hash(&self.to_bytes())
    }
}

/// H(H(salt₁‖public) ‖ H(salt₂‖private)): either half can be opened, or erased, without the other.
pub fn commitment(salt1: &Salt, public: &[u8], salt2: &Salt, private: &[u8]) -> Digest {
    commitment_of_halves(&half(salt1, public), &half(salt2, private))
}

/// H(salt‖part): one half of a commitment. Salts have a fixed length, so no two inputs meet.
pub fn half(salt: &Salt, part: &[u8]) -> Digest {
    sha256(&[&salt.0, part])
}

/// The commitment over two halves that were hashed already.
pub fn commitment_of_halves(public: &Digest, private: &Digest) -> Digest {
    sha256(&[&public.0, &private.0])
}

/// The private part of an answer or a refusal: H(query) ‖ H(body), both exactly as sent.
pub fn exchange_private(query: &[u8], body: &[u8]) -> [u8; EXCHANGE_PRIVATE_LEN] {
    exchange_private_of_hashes(&sha256(&[query]), &sha256(&[body]))
}

/// The private part of an exchange whose bytes were hashed already.
pub fn exchange_private_of_hashes(query: &Digest, body: &Digest) -> [u8; EXCHANGE_PRIVATE_LEN] {
    let mut out = [0; EXCHANGE_PRIVATE_LEN];
    out.iter_mut().zip(query.0.into_iter().chain(body.0)).for_each(|(to, from)| *to = from);
    out
}

impl LeafType {
    /// All types, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Answer,
        Self::Refusal,
        Self::Decision,
        Self::Resolution,
        Self::Aggregate,
        Self::Change,
        Self::RefusedStatement,
        Self::Reuse,
        Self::Policy,
        Self::Membership,
    ];

    /// The number in the leaf's bytes, 1 to 10.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The type with this number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|leaf_type| u64::from(leaf_type.number()) == number)
    }

    /// Is the private part of such a leaf H(query) ‖ H(body)?
    pub const fn is_exchange(self) -> bool {
        matches!(self, Self::Answer | Self::Refusal)
    }
}

impl Salt {
    /// A fresh salt.
    pub fn random(random: &mut impl Random) -> Self {
        Self(random.array())
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf() -> Leaf {
        let at = UnixMs::from_ms(1_657_242_000_123).unwrap();
        Leaf { leaf_type: LeafType::Answer, at, commitment: sha256(&[b"commitment"]) }
    }

    #[test]
    fn a_leaf_has_the_documented_42_bytes() {
        let bytes = leaf().to_bytes();
        assert_eq!(bytes[..10], [1, 1, 0, 0, 0x01, 0x81, 0xdb, 0x52, 0x1a, 0xfb][..]);
        assert_eq!(bytes[10..], leaf().commitment.0);
        assert_eq!(Leaf::from_bytes(&bytes), Ok(leaf()));
        assert_eq!(leaf().hash(), sha256(&[&[0], &bytes]));
    }

    #[test]
    fn bytes_of_another_form_are_no_leaf() {
        let bytes = leaf().to_bytes();
        let changed = |at: usize, to: u8| {
            let mut bytes = bytes;
            bytes[at] = to;
            Leaf::from_bytes(&bytes)
        };
        assert_eq!(Leaf::from_bytes(&bytes[..41]), Err(LeafError::Length));
        assert_eq!(changed(0, 2), Err(LeafError::Version));
        assert_eq!(changed(1, 0), Err(LeafError::Type));
        assert_eq!(changed(1, 11), Err(LeafError::Type));
        assert_eq!(changed(2, 0x80), Err(LeafError::Time));
    }

    #[test]
    fn a_commitment_depends_on_each_salt_and_each_part() {
        let (a, b) = (Salt([1; SALT_LEN]), Salt([2; SALT_LEN]));
        let base = commitment(&a, b"public", &b, b"private");
        assert_eq!(base, commitment_of_halves(&half(&a, b"public"), &half(&b, b"private")));
        for other in [
            commitment(&b, b"public", &b, b"private"),
            commitment(&a, b"publiC", &b, b"private"),
            commitment(&a, b"public", &a, b"private"),
            commitment(&a, b"public", &b, b"privatE"),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn query_and_body_cannot_trade_bytes() {
        assert_ne!(exchange_private(b"ab", b"c"), exchange_private(b"a", b"bc"));
        assert_eq!(exchange_private(b"a", b"b")[32..], sha256(&[b"b"]).0);
    }

    #[test]
    fn a_salt_is_never_shown() {
        assert_eq!(format!("{:?}", Salt([7; SALT_LEN])), "Salt(…)");
    }
}
