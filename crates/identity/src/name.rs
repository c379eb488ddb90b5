//! Names inside identities: of trust domains, and of nodes, apps, departments, operators and supervisors.
//!
//! Both alphabets are those of the SPIFFE-ID standard, in lower case, so that two spellings never name one party.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use huxin_attest::DepartmentName;

/// The most characters of a [`Name`].
pub const MAX_NAME: usize = 64;

/// The most characters of a [`TrustDomain`]: what the DNS allows a host name.
pub const MAX_TRUST_DOMAIN: usize = 253;

/// A name: 1–64 characters of `a–z 0–9 . _ -`, the first no dot. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// A trust domain, such as `hb.example`: the part of an identity that says whose certificate authority vouches for it.
/// 1–253 characters; labels of 1–63 of `a–z 0–9 -` between dots, none with a hyphen at its end. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrustDomain(Arc<str>);

/// Text that is no name or no trust domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Not a [`Name`].
    #[error(
        "not a name: 1 to 64 characters of a–z, 0–9, dot, underscore and hyphen, not beginning with a dot"
    )]
    Name,
    /// Not a [`TrustDomain`].
    #[error("not a trust domain: a lower-case host name such as hb.example")]
    TrustDomain,
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TrustDomain {
    /// The trust domain as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let listed = |byte: u8| is_lower_alphanumeric(byte) || matches!(byte, b'.' | b'_' | b'-');
        let begins = text.bytes().next().is_some_and(|byte| byte != b'.');
        if begins && text.len() <= MAX_NAME && text.bytes().all(listed) {
            Ok(Self(text.into()))
        } else {
            Err(BadName::Name)
        }
    }
}

impl FromStr for TrustDomain {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| is_lower_alphanumeric(byte) || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() <= MAX_TRUST_DOMAIN && text.split('.').all(label) {
            Ok(Self(text.into()))
        } else {
            Err(BadName::TrustDomain)
        }
    }
}

/// Every department's name is a name: its alphabet is narrower, its length the same.
impl From<DepartmentName> for Name {
    fn from(name: DepartmentName) -> Self {
        Self(name.as_str().into())
    }
}

const fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

macro_rules! as_text {
    ($type:ident) => {
        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self.0)
            }
        }
    };
}

as_text!(Name);
as_text!(TrustDomain);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling_and_a_bound() {
        for good in ["hb-cdc", "node-1", "a", "-a", "1.2_3", &"x".repeat(64)] {
            assert_eq!(good.parse::<Name>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", ".a", "A", "a/b", "a b", "é", "a%20", &"x".repeat(65)] {
            assert_eq!(bad.parse::<Name>(), Err(BadName::Name), "{bad}");
        }
    }

    #[test]
    fn a_trust_domain_is_a_lower_case_host_name() {
        for good in ["hb.example", "localhost", "a-b.c1", &"x".repeat(63)] {
            assert_eq!(good.parse::<TrustDomain>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "a.", ".a", "a..b", "Hb.example", "-a.b", "a-.b", "a_b", "a:1", &"x".repeat(64)]
        {
            assert_eq!(bad.parse::<TrustDomain>(), Err(BadName::TrustDomain), "{bad}");
        }
    }
}
