//! Fetching the overlay that a peer names, from the peer.

use std::time::Duration;

use bytes::Bytes;
use huxin_attest::RegionCode;
use huxin_wire::v1;
use huxin_wire::v1::operator_client::OperatorClient;
use tokio::time::timeout;

use super::convert::shown_text;
use crate::client::connect;
use crate::limits;
use crate::local::Local;

/// How long one endpoint may take.
const FETCH: Duration = Duration::from_secs(5);

/// What a peer shows of its overlay. Nothing of it is verified.
pub struct Shown {
    /// The file.
    pub text: Bytes,
}

/// Asks the peer's endpoints in turn. `None`: none of them answered; inside it, `None`: it shows no overlay.
pub async fn fetch(local: &Local, peer: RegionCode) -> Option<Option<Shown>> {
    let member = local.shared.membership.member(peer)?;
    for endpoint in &member.endpoints {
        let ask = async {
            let channel = connect(endpoint, local.shared.peer_tls(peer).ok()?).await.ok()?;
            let mut client = OperatorClient::new(channel).max_decoding_message_size(limits::POLICY_REPLY);
            Some(client.policy(v1::PolicyRequest { with_files: true }).await.ok()?.into_inner())
        };
        if let Ok(Some(reply)) = timeout(FETCH, ask).await {
            return Some(shown_text(reply).map(|text| Shown { text }));
        }
    }
    None
}
