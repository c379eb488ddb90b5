//! Who a certificate names: `spiffe://<trust domain>/<role>/…`, parsed strictly and printed as it was read.
//!
//! The form follows the SPIFFE-ID standard and is narrower: five roles, one spelling, bounded. What a role may do is
//! not decided here.

use std::fmt;
use std::str::FromStr;

use crate::name::{Name, TrustDomain};

const SCHEME: &str = "spiffe://";

/// The most bytes of an identity; the SPIFFE-ID standard allows 2,048.
pub const MAX_URI: usize = 512;

/// A party: its trust domain, and what it is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpiffeId {
    /// Whose certificate authority vouches for it.
    pub trust_domain: TrustDomain,
    /// What it is.
    pub role: Role,
}

/// What a party is inside its trust domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// `node/<name>`: a province's node.
    Node(Name),
    /// `app/<department>/<name>`: a program of a department, such as a checkpoint's.
    App {
        /// The department that answers for the program.
        department: Name,
        /// The program.
        name: Name,
    },
    /// `department/<name>`: a department's system that states facts and decides appeals.
    Department(Name),
    /// `operator/<name>`: a person who runs the node.
    Operator(Name),
    /// `supervisor/<name>`: who audits logs without reading personal data.
    Supervisor(Name),
}

/// A [`Role`] without its names: the columns of a table of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RoleKind {
    /// [`Role::Node`].
    Node,
    /// [`Role::App`].
    App,
    /// [`Role::Department`].
    Department,
    /// [`Role::Operator`].
    Operator,
    /// [`Role::Supervisor`].
    Supervisor,
}

/// Text that is no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an identity: write spiffe://<trust domain>/ and node/<name>, app/<department>/<name>, department/<name>, operator/<name> or supervisor/<name>, all in lower case"
)]
pub struct BadSpiffeId;

impl RoleKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Node, Self::App, Self::Department, Self::Operator, Self::Supervisor];

    /// The first segment of the path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::App => "app",
            Self::Department => "department",
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
        }
    }
}

impl Role {
    /// The kind of the role.
    pub const fn kind(&self) -> RoleKind {
        match self {
            Self::Node(_) => RoleKind::Node,
            Self::App { .. } => RoleKind::App,
            Self::Department(_) => RoleKind::Department,
            Self::Operator(_) => RoleKind::Operator,
            Self::Supervisor(_) => RoleKind::Supervisor,
        }
    }

    /// The last name of the path.
    pub const fn name(&self) -> &Name {
        match self {
            Self::Node(name) | Self::Department(name) | Self::Operator(name) | Self::Supervisor(name) => name,
            Self::App { name, .. } => name,
        }
    }

    /// The department that the party is or belongs to; `None` for nodes, operators and supervisors.
    pub const fn department(&self) -> Option<&Name> {
        match self {
            Self::Department(department) | Self::App { department, .. } => Some(department),
            Self::Node(_) | Self::Operator(_) | Self::Supervisor(_) => None,
        }
    }

    fn parse(path: &str) -> Option<Self> {
        let mut segments = path.split('/');
        let kind = segments.next()?;
        let mut name = || segments.next().and_then(|segment| segment.parse::<Name>().ok());
        let role = match kind {
            "node" => Self::Node(name()?),
            "app" => Self::App { department: name()?, name: name()? },
            "department" => Self::Department(name()?),
            "operator" => Self::Operator(name()?),
            "supervisor" => Self::Supervisor(name()?),
            _ => return None,
        };
        segments.next().is_none().then_some(role)
    }
}

impl FromStr for SpiffeId {
    type Err = BadSpiffeId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_URI {
            return Err(BadSpiffeId);
        }
        let rest = text.strip_prefix(SCHEME).ok_or(BadSpiffeId)?;
        let (trust_domain, path) = rest.split_once('/').ok_or(BadSpiffeId)?;
        let trust_domain = trust_domain.parse().map_err(|_| BadSpiffeId)?;
        let role = Role::parse(path).ok_or(BadSpiffeId)?;
        Ok(Self { trust_domain, role })
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.trust_domain, self.role)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Self::App { department, name } => write!(f, "{kind}/{department}/{name}"),
            other => write!(f, "{kind}/{}", other.name()),
        }
    }
}

impl fmt::Display for RoleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_role_is_read_and_printed_alike() {
        for (text, kind) in [
            ("spiffe://hb.example/node/node-1", RoleKind::Node),
            ("spiffe://gd.example/app/commerce-1/gate", RoleKind::App),
            ("spiffe://hb.example/department/hb-cdc", RoleKind::Department),
            ("spiffe://hb.example/operator/duty", RoleKind::Operator),
            ("spiffe://sup.example/supervisor/audit", RoleKind::Supervisor),
        ] {
            let id: SpiffeId = text.parse().unwrap();
            assert_eq!((id.role.kind(), id.to_string().as_str()), (kind, text));
        }
    }

    #[test]
    fn another_spelling_of_an_identity_is_refused() {
        for bad in [
            "",
            "spiffe://hb.example",
            "spiffe://hb.example/",
            "spiffe://hb.example/node",
            "spiffe://hb.example/node/",
            "spiffe://hb.example/node/a/",
            "spiffe://hb.example/node/a/b",
            "spiffe://hb.example//node/a",
            "spiffe://hb.example/node/..",
            "spiffe://hb.example/app/gate",
            "spiffe://hb.example/root/a",
            "spiffe://hb.example/Node/a",
            "SPIFFE://hb.example/node/a",
            "spiffe://hb.example:443/node/a",
            "spiffe://u@hb.example/node/a",
            "spiffe://hb.example/node/a?x",
            "spiffe://hb.example/node/a#x",
            "spiffe://hb.example/node/%61",
            " spiffe://hb.example/node/a",
            "https://hb.example/node/a",
        ] {
            assert_eq!(bad.parse::<SpiffeId>(), Err(BadSpiffeId), "{bad}");
        }
        let long = format!("spiffe://{}x/node/a", "a.".repeat(300));
        assert_eq!(long.parse::<SpiffeId>(), Err(BadSpiffeId));
    }

    proptest! {
        #[test]
        fn what_is_read_is_printed_byte_for_byte(text in "spiffe://[a-z.-]{0,9}/(node|app|operator|x)(/[a-zA-Z0-9._-]{0,4}){0,3}") {
            if let Ok(id) = text.parse::<SpiffeId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
