//! How servers are verified.

use std::sync::Arc;

use concur_oauth_core::transport::BuildError;
use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;

/// TLS 1.2 or newer, the platform's trusted roots and these.
pub(crate) fn platform_config(
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
    // What is sent early can be replayed.
    config.enable_early_data = false;
    // What it offers is the transport's to say.
    config.alpn_protocols.clear();
    config
}

#[cfg(feature = "aws-lc-rs")]
#[expect(clippy::unnecessary_wraps, reason = "without a feature there is none")]
fn provider() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
#[expect(clippy::unnecessary_wraps, reason = "without a feature there is none")]
fn provider() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
fn provider() -> Option<Arc<CryptoProvider>> {
    CryptoProvider::get_default().cloned()
}

#[cfg(all(test, any(feature = "ring", feature = "aws-lc-rs")))]
mod tests {
    use super::*;
    use rustls::RootCertStore;

    #[test]
    fn any_configuration_is_made_fit() {
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
