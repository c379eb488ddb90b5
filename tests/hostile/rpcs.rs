//! Every RPC of the descriptors with a caller who may call it: a new one is covered without a change here.

use bytes::Bytes;
use huxin_tests::Federation;
use huxin_tests::raw::{call, framed};
use huxin_wire::Reason;
use prost_reflect::{DescriptorPool, MessageDescriptor};
use tonic::transport::Channel;

use crate::NODE;

/// Who is tried, in this order: province and role.
const CALLERS: [(u8, &str); 6] = [
    (NODE, "app/gd-transport/checkpoint"),
    (NODE, "department/gd-cdc"),
    (NODE, "operator/duty-1"),
    (42, "node/node-1"),
    (NODE, "node/node-1"),
    (42, "department/hb-cdc"),
];

/// One RPC.
pub struct Rpc {
    /// Its path.
    pub path: String,
    /// What it takes; `None` for the standard services, whose descriptors are not ours.
    pub input: Option<MessageDescriptor>,
    /// Who may call it.
    pub caller: Channel,
    /// Who may not; `None` where everybody may.
    pub stranger: Option<Channel>,
}

/// All RPCs of `huxin.v1` and those of the standard services that end by themselves.
pub async fn rpcs(federation: &Federation) -> Vec<Rpc> {
    let mut channels = Vec::new();
    for (from, role) in CALLERS {
        channels.push(federation.channel(from, role, NODE).await);
    }
    let pool = DescriptorPool::decode(huxin_wire::v1::DESCRIPTORS).unwrap();
    let mut found: Vec<(String, Option<MessageDescriptor>)> = Vec::new();
    for service in pool.services() {
        for method in service.methods() {
            found.push((format!("/{}/{}", service.full_name(), method.name()), Some(method.input())));
        }
    }
    for path in [
        "/grpc.health.v1.Health/Check",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ] {
        found.push((path.to_owned(), None));
    }
    let mut rpcs = Vec::new();
    for (path, input) in found {
        let (mut caller, mut stranger) = (None, None);
        for channel in &channels {
            let place = if may_call(channel, &path).await { &mut caller } else { &mut stranger };
            place.get_or_insert_with(|| channel.clone());
        }
        let caller = caller.unwrap_or_else(|| panic!("nobody may call {path}"));
        rpcs.push(Rpc { path, input, caller, stranger });
    }
    rpcs
}

/// Does a call get past the table of rights?
async fn may_call(channel: &Channel, path: &str) -> bool {
    let ended = call(channel, path, &[], Bytes::from(framed(&[]))).await.unwrap();
    let refused = [Reason::RpcNotAllowed, Reason::ForeignCertificate, Reason::OwnCertificate];
    // A standard service may answer with a status of its own: then the call got past.
    !ended.reason().unwrap_or_default().is_some_and(|reason| refused.contains(&reason))
}
