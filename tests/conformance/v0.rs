//! The calls of `v0`: their requests, the user who lives elsewhere, and every byte of a form.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::channel;

use concur_oauth::v0::{
    AuthorizationCode, AuthorizationCodeGrant, ClientCredentialsGrant, ClientId, CreateSecret,
    DeleteSecret, FetchJwks, ListSecrets, MigrateToken, OneTimePassword, OtpDetails, OtpGrant,
    PasswordGrant, Refresh, RequestTokenGrant, RevokeConnections, SendOtp, SetSecretStatus,
};
use concur_oauth::{
    AccessToken, Application, BaseUrl, Error, ErrorKind, ExposeSecret, RedirectUri, RequestToken,
    ResponseError, SecretString, TokenParts, TokenScheme,
};
use proptest::test_runner::{Config, TestRunner};

use crate::calls::{AGAIN, ONCE, Table};
use crate::columns::Transport;
use crate::peers::{build, builder, peer, read_request};

const TOKEN: &str = r#"{"expires_in":"3600","scope":"a b","token_type":"Bearer","access_token":"t","refresh_token":"r",
    "refresh_expires_in":1703696549,"id_token":"i","geolocation":"https://evil.example"}"#;

fn application() -> Application {
    Application::new(ClientId::new("id").unwrap(), "s&cret").unwrap()
}

fn is_token(token: &AccessToken) {
    assert_eq!(token.token().expose_secret(), "t");
    assert_eq!(token.refresh_token().unwrap().expose_secret(), "r");
    assert_eq!(token.scheme(), TokenScheme::Bearer);
    assert!(token.expires_at().is_some() && token.refresh_expires_at().is_some());
    assert_eq!(token.scope(), Some("a b"));
    // What a response names outside the trust domain is not where secrets go.
    assert!(token.base_url().authority().starts_with("127.0.0.1:"));
}

#[allow(clippy::too_many_lines, reason = "a table")]
pub(crate) fn every_call_of_v0_is_sent_and_read_as_documented<T: Transport>() {
    let (table, base_url) = Table::<T>::new();
    let application = application();
    let form = |body: &str| {
        let body = format!("client_id=id&client_secret=s%26cret&{body}");
        let length = format!("content-length: {}", body.len());
        (body, length)
    };
    let media_type = "content-type: application/x-www-form-urlencoded";
    let request_token = RequestToken::new("at-1").unwrap();
    let code = AuthorizationCode::new("c/o+de").unwrap();
    let redirect_uri = RedirectUri::new("https://app.example/back").unwrap();
    let refresh_token = SecretString::from("r=1");
    let details = OtpDetails::new("jo@example.com").unwrap();
    let otp = OneTimePassword::new("dd-1").unwrap();

    macro_rules! grant {
        ($grant:expr, $resendable:expr, $body:expr) => {{
            let (body, length) = form($body);
            let fields = [media_type, &length];
            let line = "POST /oauth2/v0/token HTTP/1.1";
            table.row($grant, $resendable, line, &fields, &body, TOKEN)
        }};
    }
    is_token(&grant!(
        PasswordGrant::new(&base_url, &application, "jo", "a b").unwrap(),
        AGAIN,
        "grant_type=password&username=jo&password=a%20b&credtype=password"
    ));
    is_token(&grant!(
        RequestTokenGrant::new(&application, "company", &request_token)
            .unwrap()
            .at(&base_url),
        ONCE,
        "grant_type=password&username=company&password=at-1&credtype=authtoken"
    ));
    is_token(&grant!(
        ClientCredentialsGrant::new(&base_url, &application),
        AGAIN,
        "grant_type=client_credentials"
    ));
    is_token(&grant!(
        AuthorizationCodeGrant::new(&application, &redirect_uri, &code).at(&base_url),
        ONCE,
        "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example%2Fback&code=c%2Fo%2Bde"
    ));
    is_token(&grant!(
        OtpGrant::new(&base_url, &application, &details, &otp),
        ONCE,
        "grant_type=otp&otp=dd-1&channel_type=email&channel_handle=jo%40example.com"
    ));
    let refreshed = grant!(
        Refresh::new(&base_url, &application, &refresh_token),
        ONCE,
        "grant_type=refresh_token&refresh_token=r%3D1"
    );
    is_token(&refreshed.into_token(refresh_token.clone()));
    let (body, length) = form("channel_type=email&channel_handle=jo%40example.com");
    table.row(
        SendOtp::new(&base_url, &application, &details),
        ONCE,
        "POST /oauth2/v0/otp HTTP/1.1",
        &[media_type, &length],
        &body,
        r#"{"message":"otp sent"}"#,
    );
    let keys = table.row(
        FetchJwks::new(&base_url),
        AGAIN,
        "GET /oauth2/v0/jwks HTTP/1.1",
        &[],
        "",
        r#"{"keys":[]}"#,
    );
    assert_eq!(keys.base_url(), &base_url);

    let token = AccessToken::from(TokenParts::new(
        TokenScheme::Bearer,
        "eyJ0",
        base_url.clone(),
    ));
    let bearer = "authorization: Bearer eyJ0";
    table.row(
        RevokeConnections::new(&token),
        AGAIN,
        "DELETE /app-mgmt/v0/connections HTTP/1.1",
        &[bearer],
        "",
        "\"deleted\"",
    );
    // Words that are not known to mean success are not taken for it.
    table.refuses(
        RevokeConnections::new(&token),
        "{\"message\":\"later\"}",
        "not confirmed",
    );
    table.refuses(
        RevokeConnections::new(&token),
        "{\"error\":\"no\"}",
        "refused by Concur: no",
    );
    let id = application.key();
    let secrets = table.row(
        ListSecrets::new(&token, id),
        AGAIN,
        "GET /app-mgmt/v4/id/secrets HTTP/1.1",
        &[bearer],
        "",
        r#"[{"id":"a","status":"Active"}]"#,
    );
    assert!(secrets[0].is_active());
    let created = table.row(
        CreateSecret::new(&token, id),
        ONCE,
        "POST /app-mgmt/v4/id/secrets HTTP/1.1",
        &[bearer, "content-length: 0"],
        "",
        r#"{"id":"a"}"#,
    );
    assert_eq!(created.id(), Some("a"));
    let body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"/status","value":"active"}]}"#;
    let length = format!("content-length: {}", body.len());
    table.row(
        SetSecretStatus::active(&token, id, "a").unwrap(),
        AGAIN,
        "PATCH /app-mgmt/v4/id/secrets/a HTTP/1.1",
        &[bearer, &length, "content-type: application/json"],
        body,
        "",
    );
    table.row(
        DeleteSecret::new(&token, id, "a").unwrap(),
        AGAIN,
        "DELETE /app-mgmt/v4/id/secrets/a HTTP/1.1",
        &[bearer],
        "",
        "",
    );
    let old = AccessToken::from(TokenParts::new(TokenScheme::OAuth, "old", base_url));
    let migrated = table.row(
        MigrateToken::new(&token, &application, id, &old).unwrap(),
        ONCE,
        "POST /appmgmt/v0/legacyApps/id/exchangeRefreshToken/me HTTP/1.1",
        &[
            bearer,
            "content-length: 33",
            "content-type: application/json",
        ],
        r#"{"token":"old","secret":"s&cret"}"#,
        r#"{"token":"r"}"#,
    );
    assert_eq!(migrated.refresh_token().expose_secret(), "r");
}

/// Reads a request with a form, and returns its head and the form.
fn read_form(stream: &mut TcpStream) -> (String, String) {
    let head = read_request(stream);
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn respond(stream: &mut TcpStream, status: u16, body: &str) {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} It\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
}

fn lives_at(url: &str) -> String {
    format!(r#"{{"error":"invalid_request","code":16,"geolocation":"{url}"}}"#)
}

/// Trap 5: the request goes to the host that is named, with every byte of it, and the token says where the user lives. It
/// goes there once. A host outside the trust domain gets nothing.
pub(crate) fn trap_05_user_of_v0_who_lives_elsewhere_is_asked_for_there_once<T: Transport>() {
    let application = application();
    let request_token = RequestToken::new("at-1").unwrap();
    let grant = || RequestTokenGrant::new(&application, "company", &request_token).unwrap();
    for second in [200, 400] {
        let (requests, received) = channel();
        let there_received = requests.clone();
        let (there, second_peer) = peer(1, move |_, mut stream| {
            there_received.send(read_form(&mut stream)).unwrap();
            if second == 200 {
                respond(&mut stream, 200, r#"{"access_token":"t"}"#);
            } else {
                respond(&mut stream, 400, &lives_at("https://127.0.0.1:9"));
            }
        });
        let to = there.to_string();
        let (here, first_peer) = peer(1, move |_, mut stream| {
            requests.send(read_form(&mut stream)).unwrap();
            respond(&mut stream, 400, &lives_at(&to));
        });
        let client = build::<T>(builder::<T>());
        let result = client.send(grant().at(&here));
        first_peer.join().unwrap();
        second_peer.join().unwrap();
        let (first, second_request) = (received.recv().unwrap(), received.recv().unwrap());
        assert_eq!(first.1, second_request.1);
        let host = format!("host: {}\r\n", there.authority());
        assert!(second_request.0.contains(&host), "{}", second_request.0);
        if second == 200 {
            assert_eq!(result.unwrap().base_url(), &there);
        } else {
            let said = is_elsewhere(&result.unwrap_err(), "https://127.0.0.1:9");
            assert!(
                said.contains("this user lives at https://127.0.0.1:9"),
                "{said}"
            );
        }
    }
    let (foreign, _) = peer(1, |_, _| panic!("a foreign host was asked"));
    let port = foreign.port();
    for named in [
        "https://evil.example".to_owned(),
        format!("https://localhost.:{port}"),
    ] {
        let response = lives_at(&named);
        let (here, first_peer) = peer(1, move |_, mut stream| {
            read_form(&mut stream);
            respond(&mut stream, 400, &response);
        });
        let client = build::<T>(builder::<T>());
        let error = client.send(grant().at(&here)).unwrap_err();
        first_peer.join().unwrap();
        if let Ok(named) = named.parse::<BaseUrl>() {
            is_elsewhere(&error, &named.to_string());
        }
    }
}

fn is_elsewhere(error: &Error, host: &str) -> String {
    let Error::Response(ResponseError::Refused(refused)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(refused.kind(), ErrorKind::Elsewhere);
    assert_eq!(
        refused.geolocation().map(ToString::to_string).as_deref(),
        Some(host)
    );
    error.to_string()
}

/// Every byte of a secret, a password, a code, a request token, an e-mail address and a parameter of the application's own
/// arrives as it was given.
pub(crate) fn every_byte_of_a_form_arrives<T: Transport>() {
    let (received, forms) = channel();
    let (base_url, _) = peer(usize::MAX, move |_, mut stream| {
        received.send(read_form(&mut stream).1).unwrap();
        let body = r#"{"access_token":"t","message":"sent"}"#;
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
    });
    let client = build::<T>(builder::<T>());
    let value = "[^\\p{C}]{1,40}";
    let mut runner = TestRunner::new(Config::with_cases(24));
    runner
        .run(
            &(value, value, value, "[!-~]{1,40}"),
            |(one, two, three, id)| {
                let application = Application::new(ClientId::new(&id).unwrap(), &one).unwrap();
                let arrived = |expected: &[(&str, &str)]| {
                    let form = forms.recv().unwrap();
                    let pairs: Vec<_> = url_decoded(&form);
                    let has = |(name, value): &(&str, &str)| {
                        pairs.contains(&((*name).to_owned(), (*value).to_owned()))
                    };
                    assert!(expected.iter().all(has), "{expected:?} {form}");
                    assert!(
                        has(&("client_id", &id)) && has(&("client_secret", &one)),
                        "{form}"
                    );
                };
                let password =
                    PasswordGrant::new(&base_url, &application, two.as_str(), three.as_str());
                client.send(password.unwrap()).unwrap();
                arrived(&[("username", &two), ("password", &three)]);
                let request_token = RequestToken::new(&three).unwrap();
                let grant = RequestTokenGrant::new(&application, &two, &request_token).unwrap();
                client.send(grant.at(&base_url)).unwrap();
                arrived(&[
                    ("username", &two),
                    ("password", &three),
                    ("credtype", "authtoken"),
                ]);
                let code = AuthorizationCode::new(&two).unwrap();
                let redirect_uri = RedirectUri::new("https://app.example/back?a=b").unwrap();
                let grant = AuthorizationCodeGrant::new(&application, &redirect_uri, &code);
                client.send(grant.at(&base_url)).unwrap();
                arrived(&[
                    ("code", &two),
                    ("redirect_uri", "https://app.example/back?a=b"),
                ]);
                let details = OtpDetails::new(&two).unwrap();
                let details = details.with_parameter(format!("x{three}"), &three).unwrap();
                client
                    .send(SendOtp::new(&base_url, &application, &details))
                    .unwrap();
                let parameter = format!("x{three}");
                arrived(&[("channel_handle", &two), (&parameter, &three)]);
                let otp = OneTimePassword::new(&one).unwrap();
                client
                    .send(OtpGrant::new(&base_url, &application, &details, &otp))
                    .unwrap();
                arrived(&[
                    ("otp", &one),
                    ("channel_handle", &two),
                    (&parameter, &three),
                ]);
                let refresh_token = SecretString::from(two.as_str());
                let _ = client
                    .send(Refresh::new(&base_url, &application, &refresh_token))
                    .unwrap();
                arrived(&[("refresh_token", &two)]);
                Ok(())
            },
        )
        .unwrap();
}

/// A reading of forms of its own: not core's.
fn url_decoded(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, tail @ ..] = rest {
            rest = tail;
            match (first, tail) {
                (b'%', [high, low, tail @ ..]) => {
                    let digits = [*high, *low];
                    let digits = std::str::from_utf8(&digits).unwrap();
                    bytes.push(u8::from_str_radix(digits, 16).unwrap());
                    rest = tail;
                }
                (b'+', _) => bytes.push(b' '),
                (byte, _) => bytes.push(*byte),
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = form.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
