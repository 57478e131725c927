use super::*;
use proptest::prelude::*;

fn parse(url: &str) -> Result<BaseUrl, InputProblem> {
    url.parse().map_err(|error: InputError| error.problem())
}

#[test]
fn spellings_of_one_url_are_equal() {
    for url in [
        "https://www.concursolutions.com",
        "https://www.concursolutions.com/",
        "HTTPS://WWW.ConcurSolutions.COM:443/",
    ] {
        assert_eq!(parse(url), Ok(BaseUrl::US_PRODUCTION), "{url}");
    }
    let spelled_out = "http://[0:0:0:0:0:0:0:1]:80";
    assert_eq!(parse(spelled_out), parse("http://[::1]"));
    let uri: Uri = spelled_out.parse().unwrap();
    assert!(parse(spelled_out).unwrap().is_origin_of(&uri));
    assert!(!parse("http://[::1]:81").unwrap().is_origin_of(&uri));
    let other = parse("https://www.concursolutions.com:8443").unwrap();
    assert_ne!(other, BaseUrl::US_PRODUCTION);
    assert_eq!(other.port(), 8443);
}

#[test]
fn plain_http_is_for_loopback_hosts_only() {
    for url in [
        "http://localhost",
        "http://LOCALHOST:8080/",
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:8080",
    ] {
        assert!(!parse(url).unwrap().is_https(), "{url}");
    }
    for url in [
        "http://www.concursolutions.com",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://[::]",
        "http://[::ffff:127.0.0.1]",
        "http://128.0.0.1",
    ] {
        assert_eq!(parse(url), Err(InputProblem::Insecure), "{url}");
    }
}

#[test]
fn anything_beyond_scheme_host_and_port_is_refused() {
    for url in [
        "",
        "www.concursolutions.com",
        "https:www.concursolutions.com",
        "https://",
        "https:///",
        "https://host//",
        "https://host/path",
        "https://host\\path",
        "https://host?query",
        "https://host/?query",
        "https://host#fragment",
        "https://user@host",
        "https://user:password@host",
        "https://www.concursolutions.com@evil.example",
        "https://host:",
        "https://host:0",
        "https://host:00443",
        "https://host:+443",
        "https://host:65536",
        "https://host:443:443",
        "https://host:http",
        "https://ho st",
        " https://host",
        "https://host ",
        "https://host\n",
        "https://hóst",
        "https://.host",
        "https://host.",
        "https://a..b",
        "https://-host",
        "https://127.1",
        "https://0x7f.0x1",
        "https://2130706433",
        "https://[::1",
        "https://::1",
        "https://[::1]x",
        "https://[fe80::1%25eth0]",
        "https://[not-an-address]",
        "ftp://host",
        "file:///etc/passwd",
        "javascript://host",
    ] {
        assert!(parse(url).is_err(), "{url:?} was accepted");
    }
    assert!(parse(&format!("https://{}.com", "a".repeat(64))).is_err());
    assert!(parse(&format!("https://{}com", "a.".repeat(126))).is_err());
}

#[test]
fn uri_has_the_origin_if_scheme_host_and_port_agree() {
    let base_url = parse("https://www.concursolutions.com").unwrap();
    for (uri, expected) in [
        ("https://www.concursolutions.com/a?b", true),
        ("https://WWW.CONCURSOLUTIONS.COM:443/a", true),
        ("http://www.concursolutions.com/a", false),
        ("https://www.concursolutions.com:444/a", false),
        ("https://eu1.concursolutions.com/a", false),
        ("https://me@www.concursolutions.com/a", false),
        ("https://me:443@www.concursolutions.com/a", false),
        ("https://www.concursolutions.com:99999/a", false),
        ("/a", false),
        ("www.concursolutions.com:443", false),
    ] {
        let uri: Uri = uri.parse().unwrap();
        assert_eq!(base_url.is_origin_of(&uri), expected, "{uri}");
    }
}

#[test]
fn peers_of_plain_http_are_loopback_addresses() {
    let v6 = parse("http://[::1]:8080").unwrap();
    assert_eq!((v6.host(), v6.authority()), ("::1", "[::1]:8080"));
    let local = parse("http://localhost").unwrap();
    assert!(local.check_peer(IpAddr::from([127, 0, 0, 1])).is_ok());
    let elsewhere = IpAddr::from([192, 0, 2, 1]);
    assert!(local.check_peer(elsewhere).is_err());
    assert!(BaseUrl::US_PRODUCTION.check_peer(elsewhere).is_ok());
}

proptest! {
    #[test]
    fn accepted_url_survives_a_round_trip(
        url in prop_oneof![any::<String>(), "(https?://)?[a-zA-Z0-9.:@/?#\\[\\]-]{0,40}"]
    ) {
        if let Ok(base_url) = url.parse::<BaseUrl>() {
            prop_assert_eq!(base_url.to_string().parse(), Ok(base_url.clone()));
            let path = PathAndQuery::from_static("/net2/oauth2/accesstoken.ashx");
            prop_assert!(base_url.is_origin_of(&base_url.uri(path).unwrap()));
            prop_assert!(!base_url.host().is_empty());
        }
    }
}
