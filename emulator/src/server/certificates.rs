//! The server's certificate, made at start.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::state::random;

/// The kind of certificate that a server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Certificate {
    /// One for `localhost`, `127.0.0.1`, `::1`, the address listened on, and the names of
    /// [`ServerBuilder::name`](crate::ServerBuilder::name), by the server's own authority.
    #[default]
    Valid,
    /// One that expired in 2020.
    Expired,
    /// One by an authority that no client trusts.
    Foreign,
    /// One for `other.example`.
    WrongHost,
}

const OTHER_HOST: &str = "other.example";

pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    pub(crate) ca_der: Vec<u8>,
    pub(crate) config: Arc<ServerConfig>,
}

impl Identity {
    /// Makes an identity for an address, for this machine's names, and for further names.
    pub(crate) fn new(kind: Certificate, address: IpAddr, further: &[String]) -> io::Result<Self> {
        Self::make(kind, address, further).map_err(io::Error::other)
    }

    fn make(
        kind: Certificate,
        address: IpAddr,
        further: &[String],
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let (ca, ca_pem, ca_der) = authority(kind, address, further)?;
        let issuer = match kind {
            Certificate::Foreign => authority(kind, address, further)?.0,
            _ => ca,
        };
        let key = KeyPair::generate()?;
        let names = if kind == Certificate::WrongHost {
            vec![OTHER_HOST.to_owned()]
        } else {
            let here = [
                "localhost".to_owned(),
                Ipv4Addr::LOCALHOST.to_string(),
                Ipv6Addr::LOCALHOST.to_string(),
            ];
            [&here, further].concat()
        };
        let mut params = CertificateParams::new(names)?;
        // Each name once: some clients refuse a name that is given twice.
        let name = SanType::IpAddress(address);
        if kind != Certificate::WrongHost && !params.subject_alt_names.contains(&name) {
            params.subject_alt_names.push(name);
        }
        params.distinguished_name = named("concur-oauth emulator, its server");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2019, 1, 1);
        let (year, month, day) = in_a_week();
        params.not_after = date_time_ymd(year, month, day);
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

/// Makes an authority for this machine's names and these alone, and for a week: a client that trusts it trusts it with
/// nothing else.
fn authority(
    kind: Certificate,
    address: IpAddr,
    further: &[String],
) -> Result<Authority, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    // Clients look an authority up by its name: each has its own.
    let name = format!("concur-oauth emulator {}", random::lower(8));
    params.distinguished_name = named(&name);
    let alone = |address: IpAddr| {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits))
    };
    let loopback = CidrSubnet::from_addr_prefix(Ipv4Addr::LOCALHOST.into(), 8);
    let mut permitted_subtrees = vec![
        GeneralSubtree::DnsName("localhost".to_owned()),
        GeneralSubtree::IpAddress(loopback),
        alone(Ipv6Addr::LOCALHOST.into()),
    ];
    if !address.is_loopback() {
        permitted_subtrees.push(alone(address));
    }
    permitted_subtrees.extend(further.iter().map(|name| match name.parse() {
        Ok(address) => alone(address),
        Err(_) => GeneralSubtree::DnsName(name.clone()),
    }));
    if kind == Certificate::WrongHost {
        // Clients must refuse it for its name, and not for its issuer.
        permitted_subtrees.push(GeneralSubtree::DnsName(OTHER_HOST.to_owned()));
    }
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees,
        excluded_subtrees: Vec::new(),
    });
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2019, 1, 1);
    let (year, month, day) = in_a_week();
    params.not_after = date_time_ymd(year, month, day);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let (pem, der) = (certificate.pem(), certificate.der().to_vec());
    Ok((Issuer::new(params, key), pem, der))
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Returns year, month and day in a week.
fn in_a_week() -> (i32, u8, u8) {
    let now = Offset::UTC.to_datetime(Timestamp::now());
    // At the end of the year 9999 there is no such day.
    let date = now.date().saturating_add(7.days());
    let part = |number: i8| number.unsigned_abs();
    (date.year().into(), part(date.month()), part(date.day()))
}
