//! From where a server is controlled.

use std::net::{IpAddr, SocketAddr};

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, Request};

/// From where a server's faults, clock, requests and tokens are seen and set over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::server) enum Control {
    #[default]
    Off,
    FromThisMachine,
    FromAnywhere,
}

impl Control {
    /// Returns whether there is a control endpoint for a client at this address.
    pub(in crate::server) fn is_for(self, peer: Option<SocketAddr>) -> bool {
        match self {
            Self::Off => false,
            Self::FromThisMachine => {
                peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
            }
            Self::FromAnywhere => true,
        }
    }

    /// Refuses what a page of another site has a browser of this machine send.
    pub(super) fn check(self, request: &Request<Vec<u8>>) -> Result<(), &'static str> {
        let host = text(request.headers(), &HOST).unwrap_or_default();
        // A name that another site lets lead to this machine.
        if self == Self::FromThisMachine && !is_of_this_machine(host) {
            return Err(
                "ask for localhost or an address, and for no other name, or start the emulator with --control-from-anywhere",
            );
        }
        let Some(origin) = text(request.headers(), &ORIGIN) else {
            return Ok(());
        };
        match origin.split_once("://") {
            Some((_, authority)) if authority.eq_ignore_ascii_case(host) => Ok(()),
            _ => Err("a page of another site may not control the emulator"),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|it| it.to_str().unwrap_or_default())
}

fn is_of_this_machine(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    };
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(control: Control, host: &str, origin: Option<&str>) -> bool {
        let mut request = Request::get("/").header(HOST, host);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        control.check(&request.body(Vec::new()).unwrap()).is_ok()
    }

    #[test]
    fn page_of_another_site_controls_nothing() {
        for (host, origin, is_allowed) in [
            ("localhost:8080", None, true),
            ("127.0.0.1:8080", None, true),
            ("[::1]:8080", None, true),
            ("[::1]", None, true),
            ("LOCALHOST", None, true),
            ("evil.example:8080", None, false),
            ("localhost.evil.example", None, false),
            ("localhost:8080", Some("http://localhost:8080"), true),
            ("localhost:8080", Some("http://localhost:9090"), false),
            ("localhost:8080", Some("https://evil.example"), false),
            ("localhost:8080", Some("null"), false),
        ] {
            let here = check(Control::FromThisMachine, host, origin);
            assert_eq!(here, is_allowed, "{host} {origin:?}");
        }
        assert!(check(Control::FromAnywhere, "emulator:8080", None));
        assert!(!check(
            Control::FromAnywhere,
            "emulator:8080",
            Some("https://evil.example")
        ));
    }

    #[test]
    fn other_machines_have_no_control_unless_it_is_opened() {
        let peer = |address: &str| Some(address.parse().unwrap());
        let control = Control::FromThisMachine;
        assert!(control.is_for(peer("127.0.0.1:1")));
        assert!(control.is_for(peer("[::ffff:127.0.0.1]:1")));
        assert!(!control.is_for(peer("192.0.2.1:1")) && !control.is_for(None));
        assert!(Control::FromAnywhere.is_for(peer("192.0.2.1:1")));
        assert!(!Control::Off.is_for(peer("127.0.0.1:1")));
    }
}
