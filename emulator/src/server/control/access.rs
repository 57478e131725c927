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
    /// Returns whether there is a control endpoint for a client at this address, which can be the server's own.
    pub(in crate::server) fn is_for(self, peer: Option<SocketAddr>, is_here: bool) -> bool {
        let is_loopback = |peer: SocketAddr| peer.ip().to_canonical().is_loopback();
        match self {
            Self::Off => false,
            Self::FromThisMachine => is_here || peer.is_some_and(is_loopback),
            Self::FromAnywhere => true,
        }
    }

    /// Refuses what a page of another site has a browser send. `names` are those that the server was given.
    pub(super) fn check(
        self,
        request: &Request<Vec<u8>>,
        names: &[String],
    ) -> Result<(), &'static str> {
        let host = text(request.headers(), &HOST).unwrap_or_default();
        // A name that another site lets lead here has a dot; one in a network of containers has none.
        let is_plain = self == Self::FromAnywhere && !without_port(host).contains('.');
        let is_own = names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(without_port(host)));
        if !is_of_this_machine(host) && !is_plain && !is_own {
            return Err(
                "ask for localhost, an address, or the host of --public-url, and for no other name; with --control-from-anywhere, for \
                 a name without a dot too",
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

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn is_of_this_machine(authority: &str) -> bool {
    let host = without_port(authority);
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
        let names = ["concur.example".to_owned()];
        control
            .check(&request.body(Vec::new()).unwrap(), &names)
            .is_ok()
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
        assert!(check(Control::FromThisMachine, "concur.example:8080", None));
        assert!(!check(Control::FromThisMachine, "emulator:8080", None));
        let evil = Some("http://evil.example:8080");
        assert!(!check(Control::FromAnywhere, "evil.example:8080", evil));
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
        assert!(control.is_for(peer("127.0.0.1:1"), false));
        assert!(control.is_for(peer("[::ffff:127.0.0.1]:1"), false));
        assert!(!control.is_for(peer("192.0.2.1:1"), false) && !control.is_for(None, false));
        assert!(control.is_for(peer("192.0.2.1:1"), true));
        assert!(Control::FromAnywhere.is_for(peer("192.0.2.1:1"), false));
        assert!(!Control::Off.is_for(peer("127.0.0.1:1"), true));
    }
}
