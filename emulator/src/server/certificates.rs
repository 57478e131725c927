//! The server's certificate, made at start.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The kind of certificate that a server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Certificate {
    /// One for `localhost`, `127.0.0.1`, `::1` and the address listened on, by the server's own
    /// authority.
    #[default]
    Valid,
    /// One that expired in 2020.
    Expired,
    /// One by an authority that no client trusts.
    Foreign,
    /// One for `other.example`.
    WrongHost,
}

pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    pub(crate) ca_der: Vec<u8>,
    pub(crate) config: Arc<ServerConfig>,
}

impl Identity {
    pub(crate) fn new(kind: Certificate, address: IpAddr) -> io::Result<Self> {
        Self::make(kind, address).map_err(io::Error::other)
    }

    fn make(
        kind: Certificate,
        address: IpAddr,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let (ca, ca_pem, ca_der) = authority()?;
        let issuer = match kind {
            Certificate::Foreign => authority()?.0,
            _ => ca,
        };
        let key = KeyPair::generate()?;
        let names = match kind {
            Certificate::WrongHost => vec!["other.example".to_owned()],
            _ => vec![
                "localhost".to_owned(),
                Ipv4Addr::LOCALHOST.to_string(),
                Ipv6Addr::LOCALHOST.to_string(),
                address.to_string(),
            ],
        };
        let mut params = CertificateParams::new(names)?;
        params.not_before = date_time_ymd(2019, 1, 1);
        if kind == Certificate::Expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = params.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            ca_pem,
            ca_der,
            config: Arc::new(config),
        })
    }
}

type Authority = (Issuer<'static, KeyPair>, String, Vec<u8>);

fn authority() -> Result<Authority, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params
        .distinguished_name
        .push(DnType::CommonName, "concur-oauth emulator");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2019, 1, 1);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let (pem, der) = (certificate.pem(), certificate.der().to_vec());
    Ok((Issuer::new(params, key), pem, der))
}
