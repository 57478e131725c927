//! TLS: the trusted roots, and the name that a server is verified by.

use std::io;
use std::sync::Arc;

use concur_oauth_core::BuildError;
use concur_oauth_core::v0::SignedMessage;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, alg_id};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// Returns a configuration with TLS 1.2 or newer, the platform's trusted roots and these.
///
/// # Errors
///
/// [`BuildError`] where no cryptography is compiled in, or the platform's roots cannot be used.
pub fn platform_config(
    extra_roots: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, BuildError> {
    let provider = provider().ok_or(BuildError::NoCryptoProvider)?;
    let verifier = Verifier::new_with_extra_roots(extra_roots, Arc::clone(&provider))
        .map_err(|error| BuildError::Tls(error.into()))?;
    // Not `ClientConfig::builder`, which panics when a build has two providers.
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| BuildError::Tls(error.into()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

/// Makes any configuration fit for credentials.
pub(crate) fn harden(mut config: ClientConfig) -> ClientConfig {
    // Early data can be replayed.
    config.enable_early_data = false;
    // Each transport sets the protocols that it speaks.
    config.alpn_protocols.clear();
    config
}

/// Returns the configuration for an https proxy: the same trusted roots, and nothing that is meant for Concur.
pub(crate) fn for_proxy(config: &ClientConfig) -> ClientConfig {
    let mut config = config.clone();
    config.client_auth_cert_resolver = Arc::new(NoCertificate);
    config.resumption = Resumption::default();
    config
}

/// Shows a server no certificate of the client.
#[derive(Debug)]
struct NoCertificate;

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Returns the name that a server, or an https proxy, is verified by.
///
/// # Errors
///
/// [`rustls::Error`], inside of an [`io::Error`], where no certificate can name the host.
pub fn server_name(host: &str) -> io::Result<ServerName<'static>> {
    let unsupported = |_| io::Error::other(rustls::Error::UnsupportedNameType);
    ServerName::try_from(host.to_owned()).map_err(unsupported)
}

/// Checks the signature of an ID token by the cryptography of TLS: the check for
/// [`IdToken::verify`](concur_oauth_core::v0::IdToken::verify).
///
/// Returns `false` where the signature is wrong, and where no cryptography is compiled in and the process has no default.
#[must_use]
pub fn verify_rs256(signed: &SignedMessage<'_>) -> bool {
    let Some(provider) = provider() else {
        return false;
    };
    let algorithms = provider.signature_verification_algorithms;
    let rs256 = algorithms.all.iter().find(|algorithm| {
        algorithm.public_key_alg_id() == alg_id::RSA_ENCRYPTION
            && algorithm.signature_alg_id() == alg_id::RSA_PKCS1_SHA256
    });
    rs256.is_some_and(|rs256| {
        let result =
            rs256.verify_signature(signed.public_key(), signed.message(), signed.signature());
        result.is_ok()
    })
}

/// Returns the cryptography that is compiled in, or else the process's default.
fn provider() -> Option<Arc<CryptoProvider>> {
    #[cfg(feature = "aws-lc-rs")]
    let provider = Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    let provider = Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    let provider = CryptoProvider::get_default().cloned();
    provider
}

#[cfg(all(test, any(feature = "ring", feature = "aws-lc-rs")))]
mod tests {
    use super::*;
    use rustls::RootCertStore;

    #[test]
    fn configuration_is_hardened() {
        let mut config = ClientConfig::builder_with_provider(provider().unwrap())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        config.enable_early_data = true;
        config.alpn_protocols = vec![b"h2".to_vec()];
        let config = harden(config);
        assert!(!config.enable_early_data);
        assert!(config.alpn_protocols.is_empty());
    }
}
