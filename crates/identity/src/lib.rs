//! Certificates and membership: issue, parse, verify, TLS configurations.
//!
//! A connection's peer is known by the one URI of its certificate, checked against the roots and the revocation list of
//! exactly the province (or supervisor) whose trust domain the URI names; roots are never pooled. Who the members are
//! is read from `federation.toml`. This crate depends on `attest` only, never decides which role may call what, and
//! never reads who a peer is from a message.

pub mod endpoint;
pub mod files;
pub mod membership;
pub mod name;
pub mod peer;
pub mod pki;
pub mod policy_signature;
pub mod profile;
pub mod refusal;
pub mod spiffe;
pub mod tls;
pub mod trust;

mod duration;
mod pem;
pub mod reader;
mod verifier;

#[cfg(test)]
mod testing;

pub use endpoint::Endpoint;
pub use files::{FileName, FileSource, Folder, MemoryFiles};
pub use membership::{Department, Member, Membership, MembershipError, Pin, PolicySigners, Supervisor};
pub use name::{Name, TrustDomain};
pub use peer::{PeerIdentity, identity_of};
pub use policy_signature::{NotSigned, PolicySignatures, SignatureFileError};
pub use profile::{Profile, Serial, Use};
pub use reader::Problem;
pub use refusal::Refusal;
pub use spiffe::{Role, RoleKind, SpiffeId};
pub use tls::{Credentials, Expected, TlsError, client_config, server_config};
pub use trust::{Reloaded, TrustError, TrustStore};
