//! `no_proxy` decides as curl 8 does: the cases of curl's own unit test and more, as data. Beside them, what hyper-util's
//! matcher says of the same: another reading of the same rules, whose mistakes are listed.

use concur_oauth_core::{BaseUrl, Proxy};
use hyper_util::client::proxy::matcher::Matcher;

#[derive(Debug)]
struct Case {
    host: &'static str,
    list: String,
    is_direct: bool,
    /// Why curl decides otherwise, where it does.
    deviation: &'static str,
    hyper_util_is_wrong: bool,
}

fn cases() -> Vec<Case> {
    let lines = include_str!("no_proxy.txt").lines();
    let cases = lines.filter(|line| !line.starts_with('#')).map(|line| {
        let fields: Vec<_> = line.split('|').map(str::trim).collect();
        let [host, list, is_direct, deviation, hyper_util_is_wrong] = fields[..] else {
            panic!("{line}");
        };
        let yes = |field| match field {
            "yes" => true,
            "no" => false,
            _ => panic!("{line}"),
        };
        Case {
            host,
            list: list.replace("\\s", " ").replace("\\t", "\t"),
            is_direct: yes(is_direct),
            deviation,
            hyper_util_is_wrong: yes(hyper_util_is_wrong),
        }
    });
    cases.collect()
}

#[test]
fn no_proxy_decides_as_curl_does() {
    let cases = cases();
    let as_curl = cases.iter().filter(|case| case.deviation.is_empty());
    assert!(as_curl.count() >= 60);
    for case in &cases {
        let base_url: BaseUrl = format!("https://{}", case.host).parse().unwrap();
        let proxy = Proxy::new("http://proxy:1").unwrap();
        let proxy = proxy.with_no_proxy(&case.list);
        let is_direct = proxy.for_base_url(&base_url).is_none();
        assert_eq!(is_direct, case.is_direct, "{case:?}");
        assert!(["", "loopback", "wildcard", "port"].contains(&case.deviation));
    }
}

#[test]
fn mistakes_of_hyper_util_are_those_that_are_listed() {
    for case in cases() {
        let matcher = Matcher::builder()
            .https("http://proxy:1")
            .no(case.list.as_str())
            .build();
        let uri = format!("https://{}", case.host).parse().unwrap();
        let is_wrong = matcher.intercept(&uri).is_none() != case.is_direct;
        assert_eq!(is_wrong, case.hyper_util_is_wrong, "{case:?}");
    }
}
