//! How a command reaches a node: whose certificate, which membership list, which province, which address.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args as ClapArgs;
use huxin_attest::RegionCode;
use huxin_identity::{
    Credentials, Endpoint, Expected, Folder, Membership, SpiffeId, TlsError, TrustStore, client_config,
};
use huxin_node::client::connect;
use tonic::transport::Channel;

use crate::exit::CliError;
use crate::messages;

/// From the first packet to a channel.
const DIAL: Duration = Duration::from_secs(10);

/// Whom to ask, and as whom.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "连接 / Connection")]
pub(crate) struct Connection {
    /// The membership list
    #[arg(long, value_name = "federation.toml")]
    pub(crate) federation: PathBuf,
    /// The caller's certificate
    #[arg(long, value_name = "PEM")]
    certificate: PathBuf,
    /// Its key [default: beside the certificate, ending in .key]
    #[arg(long, value_name = "PEM")]
    certificate_key: Option<PathBuf>,
    /// The province whose node is asked [default: that of the certificate]
    #[arg(long, value_name = "CODE")]
    region: Option<RegionCode>,
    /// Where its node listens [default: the first address of the membership list]
    #[arg(long, value_name = "HOST:PORT")]
    endpoint: Option<Endpoint>,
}

/// A node that can be dialled, and dialled again.
pub(crate) struct Peer {
    pub(crate) membership: Arc<Membership>,
    pub(crate) region: RegionCode,
    /// Who asks.
    pub(crate) own: SpiffeId,
    endpoint: Endpoint,
    tls: Arc<rustls::ClientConfig>,
    channel: Option<Channel>,
}

impl Connection {
    /// Reads the files; dials nobody yet.
    ///
    /// # Errors
    /// If a file cannot be read or used, or it is not clear whom to ask.
    pub(crate) fn open(&self) -> Result<Peer, CliError> {
        let membership = Arc::new(crate::federation::load(&self.federation)?);
        let key = self.certificate_key.clone().unwrap_or_else(|| self.certificate.with_extension("key"));
        let unusable = |error: TlsError| match error {
            TlsError::Read { path, error } => CliError::environment(messages::cannot_read(&path, error)),
            other => CliError::invalid(messages::wrong_file(&self.certificate, other)),
        };
        let own = Credentials::load(&self.certificate, &key).map_err(unusable)?;
        let id = own.profile().id.clone();
        let home = membership.member_by_trust_domain(&id.trust_domain).map(|member| member.region);
        let region = self.region.or(home);
        let region = region.ok_or_else(|| CliError::usage(messages::name_the_region(&id)))?;
        let member = membership.member(region);
        let member = member.ok_or_else(|| CliError::usage(messages::no_member(region)))?;
        let endpoint = self.endpoint.clone().or_else(|| member.endpoints.first().cloned());
        let endpoint = endpoint.ok_or_else(|| CliError::usage(messages::no_endpoint(region)))?;
        let folder = self.federation.parent().map(PathBuf::from).unwrap_or_default();
        let trust = Arc::new(TrustStore::new(Arc::clone(&membership), &Folder::new(folder)));
        let tls = client_config(&own, trust, Expected { region }).map_err(unusable)?;
        Ok(Peer { membership, region, own: id, endpoint, tls, channel: None })
    }
}

impl Peer {
    /// The channel, dialled if there is none.
    ///
    /// # Errors
    /// If the node is not reached, or either side refuses the other's certificate.
    pub(crate) async fn channel(&mut self) -> Result<Channel, CliError> {
        if let Some(channel) = &self.channel {
            return Ok(channel.clone());
        }
        let dialled = tokio::time::timeout(DIAL, connect(&self.endpoint, Arc::clone(&self.tls))).await;
        let channel = match dialled {
            Ok(dialled) => dialled.map_err(|error| CliError::environment(messages::not_reached(error)))?,
            Err(_) => return Err(CliError::environment(messages::dial_timed_out(&self.endpoint))),
        };
        self.channel = Some(channel.clone());
        Ok(channel)
    }

    /// The channel is lost: the next call dials.
    pub(crate) fn forget(&mut self) {
        self.channel = None;
    }
}

/// Runs the calls of one command.
///
/// # Errors
/// If there can be no runtime, or as the calls.
pub(crate) fn block_on<T>(calls: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| CliError::environment(messages::system(error)))?.block_on(calls)
}
