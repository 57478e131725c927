//! A tunnel through a proxy.

use std::fmt;

use http::HeaderValue;
use http::header::{HeaderMap, PROXY_AUTHORIZATION, USER_AGENT};
use zeroize::Zeroizing;

use super::Proxy;
use crate::base_url::BaseUrl;
use crate::error::Error;
use crate::http1::{self, ConnectReader, Limits};

/// A tunnel to a base URL's host that is to be opened through a [`Proxy`]: the request for it, and the reader of the
/// response.
///
/// The request goes out over a connection to the proxy, within TLS where the proxy is an https one. When the response
/// has opened the tunnel, that connection leads to Concur. What follows is the TLS handshake with Concur.
pub struct Tunnel<'a> {
    proxy: &'a Proxy,
    request: Zeroizing<Vec<u8>>,
    reader: ConnectReader,
}

impl<'a> Tunnel<'a> {
    /// Creates the tunnel's request. The response is read within these limits.
    #[must_use]
    pub fn new(
        proxy: &'a Proxy,
        base_url: &BaseUrl,
        user_agent: &HeaderValue,
        limits: &Limits,
    ) -> Self {
        let mut headers = HeaderMap::with_capacity(2);
        headers.insert(USER_AGENT, user_agent.clone());
        if let Some(value) = &proxy.authorization {
            headers.insert(PROXY_AUTHORIZATION, value.clone());
        }
        Self {
            proxy,
            request: http1::encode_connect(&base_url.host_and_port(), &headers),
            reader: ConnectReader::new(limits),
        }
    }

    /// Returns the bytes to write. They hold the proxy's credentials, and are wiped when the tunnel is dropped.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Takes the next bytes that were read, or none at the end of the stream. Returns whether the tunnel is open.
    ///
    /// # Errors
    ///
    /// [`Error::Proxy`] where the proxy opens no tunnel.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        self.reader.receive(bytes).map_err(|reason| Error::Proxy {
            proxy: self.proxy.to_string().into(),
            reason,
        })
    }
}

impl fmt::Debug for Tunnel<'_> {
    /// Writes nothing of the request, which can hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel")
            .field("proxy", self.proxy)
            .finish_non_exhaustive()
    }
}
