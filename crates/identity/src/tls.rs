//! TLS configurations: 1.3 only, both sides show a certificate, no resumption, no early data, HTTP/2.
//!
//! Resumption is off on both sides because the library restores a stored chain without asking the verifier, and so
//! without revocation lists. Nothing here can be weakened by a parameter.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use huxin_attest::RegionCode;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::NoServerSessionStorage;
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::files::read_bounded;
use crate::pem;
use crate::profile::{Profile, Use};
use crate::refusal::Refusal;
use crate::trust::TrustStore;
use crate::verifier::{ClientJudge, ServerJudge};

/// The protocol inside: HTTP/2 (RFC 9113), by its ALPN name.
pub const ALPN: &[u8] = b"h2";

/// Whom a client means to reach: a node of this province. Nobody else accepts connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The province.
    pub region: RegionCode,
}

/// A party's own certificate and key.
pub struct Credentials {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    profile: Profile,
}

/// Credentials that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// No certificates in PEM form.
    #[error("not certificates in PEM form, the party's own first")]
    BadCertificate,
    /// No private key in PEM form.
    #[error("not one private key in PEM form (PKCS #8)")]
    BadKey,
    /// The certificate has another form than peers accept.
    #[error("peers would not accept this certificate: {0}")]
    Refused(#[from] Refusal),
    /// The TLS library refused; most often the key is not the certificate's.
    #[error("the certificate and key cannot be used together: {0}")]
    Library(#[from] rustls::Error),
}

impl Credentials {
    /// Reads a certificate (with intermediates, if any, after it) and its key from PEM files.
    ///
    /// # Errors
    /// If a file cannot be read, or as [`Self::from_pem`].
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let read =
            |path: &Path| read_bounded(path).map_err(|error| TlsError::Read { path: path.to_owned(), error });
        Self::from_pem(&read(certificate)?, &zeroize::Zeroizing::new(read(key)?))
    }

    /// Reads a certificate (with intermediates, if any, after it) and its key.
    ///
    /// # Errors
    /// If they are not in PEM form, or peers would not accept the certificate's form.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = pem::certificates(certificate).ok_or(TlsError::BadCertificate)?;
        let own = chain.first().ok_or(TlsError::BadCertificate)?;
        let profile = Profile::read(own, Use::Any)?;
        let key = pem::private_key(key).ok_or(TlsError::BadKey)?.into();
        Ok(Self { chain, key, profile })
    }

    /// What the certificate says.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// What a node accepts connections with. Changes of `trust` hold for the next handshake.
///
/// # Errors
/// If the certificate is not for servers or the key is not its key.
pub fn server_config(own: &Credentials, trust: Arc<TrustStore>) -> Result<Arc<ServerConfig>, TlsError> {
    if let Some(leaf) = own.chain.first() {
        Profile::read(leaf, Use::Server)?;
    }
    let provider = provider();
    let judge = ClientJudge { trust, algorithms: provider.signature_verification_algorithms };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(judge))
        .with_single_cert(own.chain.clone(), own.key.clone_key())?;
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.max_early_data_size = 0;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

/// What a party dials a node of the expected province with.
///
/// # Errors
/// If the certificate is not for clients or the key is not its key.
pub fn client_config(
    own: &Credentials,
    trust: Arc<TrustStore>,
    expected: Expected,
) -> Result<Arc<ClientConfig>, TlsError> {
    if let Some(leaf) = own.chain.first() {
        Profile::read(leaf, Use::Client)?;
    }
    let provider = provider();
    let judge = ServerJudge { trust, algorithms: provider.signature_verification_algorithms, expected };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(judge))
        .with_client_auth_cert(own.chain.clone(), own.key.clone_key())?;
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

/// The one cryptographic library, named so that a process-wide default cannot replace it.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[cfg(test)]
mod tests;
