//! A host that a response names outside of the trust domain receives nothing.
#![cfg(feature = "blocking")]

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::net2::{NativeFlow, Refresh};
use concur_oauth::{
    Application, BaseUrl, ConsumerKey, Credentials, ExposeSecret, FieldProblem, http,
};
use concur_oauth_emulator::{
    SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};

#[test]
fn foreign_instance_url_is_reported_and_sent_no_secret() {
    let asked = Server::start().unwrap();
    // Reachable, so that a secret sent to it would arrive.
    let other = Server::builder().plain_http().start().unwrap();
    let root = CertificateDer::from(asked.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let base_url: BaseUrl = asked.url().parse().unwrap();
    let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
    let application = Application::new(key.clone(), SAMPLE_CONSUMER_SECRET).unwrap();

    for named in [
        other.url(),
        "https://www.concursolutions.com/",
        "https://www.concursolutions.com:8443/",
        "https://192.0.2.1/",
        "http://www.concursolutions.com/",
        "https://evil.example/",
    ] {
        asked.emulator().set_instance_url(named);
        let credentials = Credentials::with_password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD).unwrap();
        let flow = NativeFlow::new(base_url.clone(), key.clone(), credentials);
        let mut token = client.send(flow).unwrap();
        assert_eq!(token.base_url(), &base_url, "{named}");
        let [warning] = token.warnings() else {
            panic!("{named}: {:?}", token.warnings());
        };
        assert_eq!(warning.field(), "Instance_Url");
        assert!(
            matches!(warning.problem(), FieldProblem::Foreign(_)),
            "{named}: {warning}"
        );

        let before = asked.request_count();
        let old = token.token().expose_secret().to_owned();
        let refresh = Refresh::for_token(&application, &token).unwrap();
        let response = client.send(refresh).unwrap();
        assert_eq!(asked.request_count(), before + 1, "{named}");
        let changes = token.apply_refresh(response);
        assert_eq!(changes.moved_from(), None, "{named}");
        assert_ne!(token.token().expose_secret(), old);
        assert_eq!(token.base_url(), &base_url, "{named}");

        let mut request = http::Request::get(named).body(()).unwrap();
        assert!(token.authorize(&mut request).is_err(), "{named}");
        assert!(request.headers().is_empty());
    }
    assert_eq!(other.connections(), 0);
}
