//! Which role may call which RPC: one table. What it does not list is refused.

use std::time::Duration;

use huxin_attest::RegionCode;
use huxin_identity::{PeerIdentity, RoleKind};
use huxin_wire::Reason;

use crate::limits;

/// Whose certificates may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The node's own province.
    Own,
    /// Every other province.
    Others,
    /// Anyone whom the membership list names.
    Anyone,
}

/// One row: an RPC, who may call it, and how long a call may take.
#[derive(Debug)]
pub struct Rule {
    path: &'static str,
    roles: &'static [RoleKind],
    whose: Whose,
    /// The longest that a call may take; `None` for streams, which end by idleness.
    pub deadline: Option<Duration>,
}

const EVERY_ROLE: &[RoleKind] =
    &[RoleKind::Node, RoleKind::App, RoleKind::Department, RoleKind::Operator, RoleKind::Supervisor];

const TABLE: &[Rule] = &[
    own("/huxin.v1.Recognition/Recognise", &[RoleKind::App], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Recognition/Resolve", &[RoleKind::App], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Recognition/Explain", &[RoleKind::App], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Recognition/Reviews", &[RoleKind::App], limits::REQUEST_DEADLINE),
    Rule {
        path: "/huxin.v1.Peer/QueryStream",
        roles: &[RoleKind::Node],
        whose: Whose::Others,
        deadline: None,
    },
    Rule {
        path: "/huxin.v1.Peer/Query",
        roles: &[RoleKind::Node],
        whose: Whose::Others,
        deadline: Some(limits::REQUEST_DEADLINE),
    },
    own("/huxin.v1.Registry/Prepare", &[RoleKind::Department], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Registry/Withdraw", &[RoleKind::Department], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Registry/History", &[RoleKind::Department], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Registry/State", &[RoleKind::Department], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Registry/Import", &[RoleKind::Department], limits::IMPORT_DEADLINE),
    anyone("/huxin.v1.Ledger/Checkpoint", Some(limits::REQUEST_DEADLINE)),
    anyone("/huxin.v1.Ledger/Proof", Some(limits::REQUEST_DEADLINE)),
    anyone("/huxin.v1.Ledger/Consistency", Some(limits::REQUEST_DEADLINE)),
    own("/huxin.v1.Operator/Reload", &[RoleKind::Operator], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Operator/Status", &[RoleKind::Operator], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Operator/ApplyPolicy", &[RoleKind::Operator], limits::REQUEST_DEADLINE),
    own("/huxin.v1.Operator/RollbackPolicy", &[RoleKind::Operator], limits::REQUEST_DEADLINE),
    anyone("/huxin.v1.Operator/Policy", Some(limits::REQUEST_DEADLINE)),
    anyone("/grpc.health.v1.Health/Check", Some(limits::REQUEST_DEADLINE)),
    anyone("/grpc.health.v1.Health/Watch", None),
    anyone("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", None),
    anyone("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", None),
];

const fn own(path: &'static str, roles: &'static [RoleKind], deadline: Duration) -> Rule {
    Rule { path, roles, whose: Whose::Own, deadline: Some(deadline) }
}

const fn anyone(path: &'static str, deadline: Option<Duration>) -> Rule {
    Rule { path, roles: EVERY_ROLE, whose: Whose::Anyone, deadline }
}

impl Rule {
    /// The RPC.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The service's full name: the first segment of the path.
    pub fn service(&self) -> &'static str {
        self.path.trim_start_matches('/').split('/').next().unwrap_or_default()
    }
}

/// The row for `path`, if this caller may call it on the node of region `own`.
///
/// # Errors
/// The reason why not.
pub fn allow(path: &str, caller: &PeerIdentity, own: RegionCode) -> Result<&'static Rule, Reason> {
    let rule = TABLE.iter().find(|rule| rule.path == path).ok_or(Reason::UnknownRpc)?;
    if !rule.roles.contains(&caller.id.role.kind()) {
        return Err(Reason::RpcNotAllowed);
    }
    let is_own = caller.region == Some(own);
    match rule.whose {
        Whose::Own if !is_own => Err(Reason::ForeignCertificate),
        Whose::Others if is_own => Err(Reason::OwnCertificate),
        Whose::Own | Whose::Others | Whose::Anyone => Ok(rule),
    }
}
