//! The life of a token over the wire: consent, code exchange, refresh, revocation.
#![cfg(feature = "blocking")]

use std::time::SystemTime;

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::net2::{CodeExchange, NativeFlow, Refresh, RevokeToken, RevokeUser, WebFlow};
use concur_oauth::{
    AccessToken, Application, BaseUrl, ConsumerKey, Credentials, CsrfState, Error, ExposeSecret,
    InputError, RedirectUri, RequestToken, ResponseError, Scope, SecretString,
    parse_app_center_callback, parse_callback,
};
use concur_oauth_emulator::{
    Application as Registered, Emulator, SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET,
    SAMPLE_LOGIN_ID, Server, User,
};
use proptest::prelude::*;

fn concur() -> (Server, Client, BaseUrl) {
    let mut emulator = Emulator::with_sample_account();
    emulator.add_user(User::new("admin@example.com", "secret").administrator());
    let server = Server::builder().emulator(emulator).start().unwrap();
    let root = CertificateDer::from(server.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let base_url = server.url().parse().unwrap();
    (server, client, base_url)
}

fn application() -> Application {
    let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
    Application::new(key, SAMPLE_CONSUMER_SECRET).unwrap()
}

fn consent(server: &Server) -> RequestToken {
    let code = server
        .emulator()
        .consent(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SystemTime::now());
    RequestToken::new(code).unwrap()
}

fn administrator(client: &Client, base_url: &BaseUrl) -> AccessToken {
    let flow = NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap(),
        Credentials::with_password("admin@example.com", "secret").unwrap(),
    );
    client.send(flow).unwrap()
}

fn is_good(server: &Server, token: &AccessToken) -> bool {
    let emulator = server.emulator();
    let holder = emulator.holder(token.token().expose_secret(), SystemTime::now());
    holder == Some(SAMPLE_LOGIN_ID)
}

fn refused(error: &Error, words: &str) {
    let Error::Response(ResponseError::Refused(refused_by)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(refused_by.message(), Some(words));
}

#[test]
fn request_token_is_exchanged_once() {
    let (server, client, base_url) = concur();
    let (application, code) = (application(), consent(&server));
    let exchange = CodeExchange::new(&base_url, &application, &code);
    let token = client.send(exchange).unwrap();
    assert!(is_good(&server, &token));
    assert_eq!(token.base_url(), &base_url);
    // What was spent can still be shown, and is refused.
    let error = client.send(exchange).unwrap_err();
    refused(&error, "Invalid request token");
}

#[test]
fn token_is_refreshed_until_it_is_revoked() {
    let (server, client, base_url) = concur();
    let (application, code) = (application(), consent(&server));
    let exchange = CodeExchange::new(&base_url, &application, &code);
    let mut token = client.send(exchange).unwrap();
    for _ in 0..2 {
        let old = token.token().expose_secret().to_owned();
        let refresh = Refresh::for_token(&application, &token).unwrap();
        let changes = token.apply_refresh(client.send(refresh).unwrap());
        assert_eq!(changes.moved_from(), None);
        assert_ne!(token.token().expose_secret(), old);
        assert!(is_good(&server, &token));
    }
    let administrator = administrator(&client, &base_url);
    let revocation = RevokeToken::new(&administrator, token.token());
    client.send(revocation).unwrap();
    assert!(!is_good(&server, &token));
    let refresh = Refresh::for_token(&application, &token).unwrap();
    let error = client.send(refresh).unwrap_err();
    refused(&error, "The token has been revoked");
    // The old token and its refresh token are still the caller's.
    assert!(token.refresh_token().is_some());
}

#[test]
fn all_tokens_of_a_user_are_revoked() {
    let (server, client, base_url) = concur();
    let application = application();
    let tokens = [(); 3].map(|()| {
        let code = consent(&server);
        let exchange = CodeExchange::new(&base_url, &application, &code);
        client.send(exchange).unwrap()
    });
    let administrator = administrator(&client, &base_url);
    let key = application.key();
    let revocation = RevokeUser::new(&administrator, key, SAMPLE_LOGIN_ID).unwrap();
    client.send(revocation).unwrap();
    assert!(!tokens.iter().any(|token| is_good(&server, token)));
    let (emulator, now) = (server.emulator(), SystemTime::now());
    assert!(!emulator.is_connected(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, now));
    assert!(emulator.is_connected(SAMPLE_CONSUMER_KEY, "admin@example.com", now));
    drop(emulator);
    assert!(!is_good(&server, &administrator));
}

#[test]
fn user_without_the_role_revokes_nothing() {
    let (server, client, base_url) = concur();
    let (application, code) = (application(), consent(&server));
    let exchange = CodeExchange::new(&base_url, &application, &code);
    let token = client.send(exchange).unwrap();
    let error = client
        .send(RevokeToken::new(&token, token.token()))
        .unwrap_err();
    refused(&error, "Only a Web Services Administrator may do this");
    assert!(is_good(&server, &token));
}

/// What a secret may hold: anything but control characters.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+=/$&%#?;:@ a-z0-9\u{e9}\u{4e2d}]{1,40}",
        "[^\\p{Cc}]{1,40}"
    ]
}

/// What a value of each kind holds.
#[derive(Debug, Clone)]
struct Values {
    secret: String,
    code: String,
    login_id: String,
    token: String,
    refresh_token: String,
    state: String,
}

fn values() -> impl Strategy<Value = Values> {
    [(); 6]
        .map(|()| hostile())
        .prop_map(
            |[secret, code, login_id, token, refresh_token, state]| Values {
                secret,
                code,
                login_id,
                token,
                refresh_token,
                state: state + "sixteen bytes ok",
            },
        )
}

/// The emulator, by its own decoder, must find what the client sent, by its encoder.
fn arrives(values: &Values) -> Result<(), InputError> {
    let Values {
        secret,
        code,
        login_id,
        token,
        refresh_token,
        state,
    } = values;
    let now = SystemTime::now();
    let mut emulator = Emulator::new();
    emulator.add_application(Registered::new("key").with_secret(secret));
    emulator.add_request_token(code, "key", login_id, now);
    emulator.add_tokens(token, refresh_token, "key", login_id, now);
    emulator.add_user(User::new("admin", "x").administrator());
    let server = Server::builder().plain_http().emulator(emulator).start();
    let server = server.unwrap();
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder().no_proxy().build().unwrap();

    // A code, for a token; a stored refresh token, for another.
    let application = Application::new(ConsumerKey::new("key")?, secret)?;
    let code = RequestToken::new(code)?;
    let _ = client
        .send(CodeExchange::new(&base_url, &application, &code))
        .unwrap();
    let stored = SecretString::from(refresh_token.as_str());
    let refresh = Refresh::new(&base_url, &application, &stored);
    let _ = client.send(refresh).unwrap();

    // The token of that grant is another one by now.
    server
        .emulator()
        .add_tokens(token, "", "key", login_id, now);
    let native = NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new("key")?,
        Credentials::with_password("admin", "x")?,
    );
    let administrator = client.send(native).unwrap();
    let stored = SecretString::from(token.as_str());
    client
        .send(RevokeToken::new(&administrator, &stored))
        .unwrap();
    assert_eq!(server.emulator().holder(token, now), None);
    let revocation = RevokeUser::new(&administrator, application.key(), login_id)?;
    client.send(revocation).unwrap();

    // A state goes out in a URL, and comes back in another.
    let state = CsrfState::new(state)?;
    let uri = RedirectUri::new("https://app.example/back?a=b")?;
    let flow = WebFlow::new(ConsumerKey::new("key")?, uri, [Scope::USER])?;
    let url = flow.authorization_url(&base_url, &state);
    let location = server.emulator().approve(&url, "admin", now).unwrap();
    let (_, query) = location.split_once('?').unwrap();
    parse_callback(query, &state).unwrap();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_byte_arrives_unchanged(values in values()) {
        arrives(&values).unwrap();
    }
}

#[test]
fn app_center_callback_brings_a_token() {
    let (server, client, base_url) = concur();
    let code = consent(&server);
    let code = code.secret().expose_secret();
    let encoded = code.replace('+', "%2B").replace('=', "%3D");
    // As browsers bring it, and as a careless encoder would.
    for query in [format!("code={encoded}"), format!("code={code}")] {
        let read = parse_app_center_callback(&query).unwrap();
        assert_eq!(read.secret().expose_secret(), code);
    }
    let (application, code) = (application(), RequestToken::new(code).unwrap());
    let exchange = CodeExchange::new(&base_url, &application, &code);
    assert!(is_good(&server, &client.send(exchange).unwrap()));
}
