use super::*;
use crate::error::Stage;
use crate::http1::{ConnectError, Limits};
use crate::transport::user_agent;
use proptest::prelude::*;

fn vars(pairs: &[(&str, &str)]) -> Result<Option<Proxy>, InputError> {
    Proxy::from_vars(|name| {
        let pair = pairs.iter().find(|(known, _)| *known == name);
        pair.map(|(_, value)| value.into())
    })
}

/// Returns what the request for a tunnel has after its user agent.
fn sent(proxy: &Proxy) -> String {
    let agent = user_agent("a").unwrap();
    let tunnel = Tunnel::new(proxy, &BaseUrl::US_PRODUCTION, &agent, &Limits::default());
    let text = std::str::from_utf8(tunnel.request()).unwrap();
    let head = "CONNECT www.concursolutions.com:443 HTTP/1.1\r\nhost: www.concursolutions.com:443\r\nuser-agent: a\r\n";
    text.strip_prefix(head).unwrap().to_owned()
}

#[test]
fn url_of_each_form_is_read() {
    for (url, shown) in [
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("http://proxy.example:3128/", "http://proxy.example:3128"),
        ("HTTP://Proxy.Example", "http://proxy.example:80"),
        ("https://proxy.example", "https://proxy.example:443"),
        ("proxy.example:8080", "http://proxy.example:8080"),
        ("3proxy:3128", "http://3proxy:3128"),
        ("http://127.0.0.1:3128", "http://127.0.0.1:3128"),
        ("http://[2001:DB8::1]:3128", "http://[2001:db8::1]:3128"),
        ("jo:secret@proxy:1", "http://proxy:1"),
        ("http://proxy.example.:3128", "http://proxy.example:3128"),
        ("http://http", "http://http:80"),
    ] {
        let proxy = Proxy::new(url).expect(url);
        assert_eq!(proxy.to_string(), shown);
        assert_eq!(format!("{proxy:?}"), format!("Proxy({shown})"));
    }
}

#[test]
fn parts_of_a_proxy_are_those_of_its_url() {
    let proxy = Proxy::new("https://[2001:db8::1]").unwrap();
    assert!(proxy.is_https());
    assert_eq!((proxy.host(), proxy.port()), ("2001:db8::1", 443));
    assert!(proxy.authorization().is_none());
    let proxy = Proxy::new("http://jo:secret@Proxy:3128").unwrap();
    assert!(!proxy.is_https());
    assert_eq!((proxy.host(), proxy.port()), ("proxy", 3128));
    let authorization = proxy.authorization().unwrap();
    assert_eq!(authorization, "Basic am86c2VjcmV0");
    assert!(authorization.is_sensitive());
}

#[test]
fn credentials_are_decoded_once_and_sent_as_basic() {
    for (url, joined) in [
        ("http://jo:secret@proxy", "am86c2VjcmV0"), // printf %s 'jo:secret' | base64
        ("http://jo@proxy", "am86"),
        ("http://jo:a%40b%23%2F%2520@proxy", "am86YUBiIy8lMjA="),
        ("http://CORP\\jo:a:b@proxy", "Q09SUFxqbzphOmI="),
        ("http://CORP%5Cjo:a:b@proxy", "Q09SUFxqbzphOmI="),
        ("http://jo:p\u{e2}ss@proxy", "am86cMOic3M="),
    ] {
        let proxy = Proxy::new(url).expect(url);
        assert_eq!(
            sent(&proxy),
            format!("proxy-authorization: Basic {joined}\r\n\r\n"),
            "{url}"
        );
    }
    assert_eq!(sent(&Proxy::new("http://proxy").unwrap()), "\r\n");
    let proxy = Proxy::new("http://other:pass@proxy").unwrap();
    let proxy = proxy.with_credentials("jo", "secret").unwrap();
    assert_eq!(
        sent(&proxy),
        "proxy-authorization: Basic am86c2VjcmV0\r\n\r\n"
    );
    for (user, password) in [("", "a"), ("a:b", "c"), ("a\n", "c"), ("a", "c\0")] {
        assert!(proxy.clone().with_credentials(user, password).is_err());
    }
}

#[test]
fn text_that_is_no_url_of_a_proxy_is_refused_by_its_reason() {
    for (url, reason) in [
        ("", "is empty"),
        ("ftp://proxy:21", "has a scheme other than http"),
        ("socks5://s3cret@proxy:1080", "has a scheme other than http"),
        ("socks5h://proxy", "has a scheme other than http"),
        ("http://", "has no host"),
        ("http:///", "has no host"),
        ("http://:3128", "has no host"),
        ("http://.", "has no host"),
        ("http", "has no host"),
        ("HTTPS:3128", "has no host"),
        ("http://s3cret:x@", "has no host"),
        ("http://s3cret:x@:3128", "has no host"),
        ("http://proxy:0", "has a port"),
        ("http://proxy:99999", "has a port"),
        ("http://proxy:", "has a port"),
        ("http://proxy:031", "has a port"),
        ("http://jo:s3cret", "has a port"),
        ("http://jo:s3@cret@proxy", "has a raw @"),
        ("http://jo:s3#cret@proxy:1", "has a fragment, or a raw #"),
        ("http://jo:s3/cret@proxy:1", "has a path, or a raw /"),
        ("jo:s3/cret://@proxy:1", "has a path, or a raw /"),
        ("http://jo:s3?cret@proxy:1", "has a query, or a raw ?"),
        ("http://proxy:1/path", "has a path: write it as http://host"),
        ("http://proxy:1//", "has a path: write it"),
        ("http//proxy:1", "has a path: write it"),
        ("\"http://proxy:1\"", "begins with a quotation mark"),
        ("'http://proxy:1'", "begins with a quotation mark"),
        ("http://2001:db8::1", "has more than one colon after"),
        ("http://jo:s3:cret", "has more than one colon after"),
        ("http://jo@2001:db8::1", "has more than one colon after"),
        ("http://proxy:1?s3cret", "has a query"),
        ("http://proxy:1/?s3cret", "has a path"),
        ("http://proxy:1#s3cret", "has a fragment"),
        (" http://proxy", "contains white space"),
        ("http://proxy ", "contains white space"),
        ("http://jo:s3 cret@proxy", "contains white space"),
        ("http://jo:s3\u{a0}cret@proxy", "contains white space"),
        ("http://jo:s3\tcret@proxy", "contains a control character"),
        (
            "http://jo:s3cret%@proxy",
            "has a percent-escape that is broken",
        ),
        (
            "http://jo:s3cret%4@proxy",
            "has a percent-escape that is broken",
        ),
        (
            "http://jo:s3cret%zz@proxy",
            "has a percent-escape that is broken",
        ),
        (
            "http://jo:s3cret%ff@proxy",
            "has a percent-escape that is broken",
        ),
        ("http://jo:s3cret%00@proxy", "contains a control character"),
        ("http://a%3Ab:s3cret@proxy", "has a colon in its user name"),
        ("http://:s3cret@proxy", "has an empty user name"),
        ("http://@proxy", "has an empty user name"),
        ("http://pro xy", "contains white space"),
        ("http://pr\u{f6}xy", "has a host that is not"),
        ("http://CORP\\jo", "has a host that is not"),
        ("http://127.1:3128", "has a host that is not"),
        ("http://[::1", "has a host that is not"),
    ] {
        let error = Proxy::new(url).expect_err(url).to_string();
        let start = format!("the proxy's URL {reason}");
        assert!(error.starts_with(&start), "{url}: {error}");
        assert!(!error.contains("s3") && !error.contains("cret"), "{error}");
        for (variable, _) in PROXY_VARIABLES {
            if url.is_empty() {
                continue;
            }
            let error = vars(&[(variable, url)]).expect_err(url).to_string();
            let start = format!("the variable {variable} {reason}");
            assert!(error.starts_with(&start), "{url}: {error}");
        }
    }
    let long = format!("http://jo:{}@proxy", "s".repeat(9000));
    assert!(Proxy::new(long).is_err());
}

#[test]
fn first_variable_that_is_set_counts_and_an_empty_one_is_not() {
    let all = [
        ("ALL_PROXY", "d:4"),
        ("all_proxy", "c:3"),
        ("HTTPS_PROXY", "b:2"),
        ("https_proxy", "a:1"),
    ];
    for (set, shown) in [
        (1, "http://d:4 (from ALL_PROXY)"),
        (2, "http://c:3 (from all_proxy)"),
        (3, "http://b:2 (from HTTPS_PROXY)"),
        (4, "http://a:1 (from https_proxy)"),
    ] {
        assert_eq!(vars(&all[..set]).unwrap().unwrap().to_string(), shown);
    }
    let others = [
        ("https_proxy", ""),
        ("http_proxy", "x"),
        ("HTTP_PROXY", "y"),
    ];
    assert!(vars(&others).unwrap().is_none());
    let second = vars(&[
        ("https_proxy", ""),
        ("ALL_PROXY", "a:1"),
        ("HTTPS_PROXY", ""),
    ]);
    assert_eq!(
        second.unwrap().unwrap().to_string(),
        "http://a:1 (from ALL_PROXY)"
    );
    // What is not asked for cannot be wrong.
    let later = vars(&[("https_proxy", "a:1"), ("HTTPS_PROXY", "ftp://x y")]);
    assert!(later.is_ok());
}

#[test]
fn no_proxy_is_read_lower_case_first_beside_a_proxy_alone() {
    let goes = |pairs: &[(&str, &str)]| {
        let proxy = vars(pairs).unwrap().unwrap();
        proxy.for_base_url(&BaseUrl::US_PRODUCTION).is_some()
    };
    let (proxy, listed) = (("https_proxy", "a:1"), "concursolutions.com");
    assert!(goes(&[proxy]));
    assert!(!goes(&[proxy, ("NO_PROXY", listed)]));
    assert!(!goes(&[proxy, ("no_proxy", ""), ("NO_PROXY", listed)]));
    assert!(goes(&[proxy, ("no_proxy", "x"), ("NO_PROXY", listed)]));
    assert!(vars(&[("no_proxy", "x")]).unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn variable_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let bad = || Some(OsString::from_vec(b"http://jo:s3cret\xff@proxy".to_vec()));
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let error = Proxy::from_vars(|asked| (asked == name).then(bad)?).unwrap_err();
        let text = format!("the variable {name} is not valid UTF-8: set it again in UTF-8");
        assert_eq!(error.to_string(), text);
    }
    for name in ["no_proxy", "NO_PROXY"] {
        let error = Proxy::from_vars(|asked| match asked {
            "https_proxy" => Some("a:1".into()),
            asked if asked == name => bad(),
            _ => None,
        });
        let error = error.unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("the variable {name} ")),
            "{error}"
        );
    }
}

#[test]
fn this_machine_is_never_reached_through_a_proxy() {
    let proxy = Proxy::new("http://proxy:3128").unwrap();
    for url in [
        "http://localhost",
        "https://localhost:8443",
        "https://127.0.0.1",
        "https://127.8.9.10:1",
        "https://[::1]:1",
    ] {
        assert!(proxy.for_base_url(&url.parse().unwrap()).is_none(), "{url}");
    }
    let other = "https://localhost.example".parse().unwrap();
    assert!(proxy.for_base_url(&other).is_some());
}

#[test]
fn errors_name_the_proxy_and_its_variable_and_no_secret() {
    let proxy = vars(&[("HTTPS_PROXY", "http://jo:s3cret@proxy:3128")]);
    let proxy = proxy.unwrap().unwrap();
    let agent = user_agent("a").unwrap();
    let mut tunnel = Tunnel::new(&proxy, &BaseUrl::US_PRODUCTION, &agent, &Limits::default());
    assert_eq!(
        format!("{tunnel:?}"),
        "Tunnel { proxy: Proxy(http://proxy:3128 (from HTTPS_PROXY)), .. }"
    );
    assert!(!tunnel.receive(b"HTTP/1.1 503 s3cret\r\n").unwrap());
    let error = tunnel.receive(b"\r\n").unwrap_err();
    assert_eq!(
        error.report().to_string(),
        "no tunnel through the proxy http://proxy:3128 (from HTTPS_PROXY): it responded with 503 Service Unavailable: \
         check that it can reach the host, or try again in a few seconds"
    );
    assert!(matches!(
        error,
        Error::Proxy {
            reason: ConnectError::Refused(_),
            ..
        }
    ));
    assert!(!error.may_have_reached_concur());
    assert!(error.retry_after().unwrap() < crate::response::DEFAULT_RETRY_AFTER);
    let error = proxy.attribute(Error::interrupted(Stage::Proxy, "connection refused"));
    assert_eq!(
        error.report().to_string(),
        "cannot get through the proxy: check the proxy's URL and the network, or try again in a few seconds \
         (the proxy is http://proxy:3128 (from HTTPS_PROXY)) (connection refused)"
    );
    assert!(!error.may_have_reached_concur());
    let error = Error::Tls {
        stage: Stage::Proxy,
        source: "unknown issuer".into(),
    };
    assert_eq!(
        proxy.attribute(error).report().to_string(),
        "TLS failed: check the proxy's URL, and the trusted roots \
         (the proxy is http://proxy:3128 (from HTTPS_PROXY)) (unknown issuer)"
    );
    // Past the tunnel, it is no longer the proxy's.
    let error = proxy.attribute(Error::Tls {
        stage: Stage::Receive,
        source: "alert".into(),
    });
    assert!(!error.report().to_string().contains("proxy:3128"));
}

proptest! {
    #[test]
    fn encoded_credentials_arrive(user in "[^:\\p{Cc}]{1,40}", password in "\\PC{0,40}") {
        let encoded = |value: &str| {
            let mut bytes = Vec::new();
            crate::wire::percent::encode(value, |byte| bytes.push(byte));
            String::from_utf8(bytes).unwrap()
        };
        let url = format!("http://{}:{}@proxy:1", encoded(&user), encoded(&password));
        let by_hand = Proxy::new("http://proxy:1").unwrap().with_credentials(user, password).unwrap();
        prop_assert_eq!(sent(&Proxy::new(url).unwrap()), sent(&by_hand));
    }

    #[test]
    fn password_is_never_shown_whatever_ends_it(
        before in "[a-z]{0,4}",
        delimiter in "[@/?#:%\\[\\] \\\\]{0,2}",
        after in "[a-z]{0,4}",
        list in "\\PC{0,60}",
    ) {
        let url = format!("http://jo:S3{before}{delimiter}{after}CRET@proxy:1");
        let shown = match Proxy::new(url) {
            Ok(proxy) => {
                let proxy = proxy.with_no_proxy(&list);
                let _ = proxy.for_base_url(&BaseUrl::US_PRODUCTION);
                format!("{proxy} {proxy:?}")
            }
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!shown.contains("S3") && !shown.contains("CRET"), "{}", shown);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = Proxy::new(text);
    }
}
