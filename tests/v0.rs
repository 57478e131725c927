//! Whole lives of tokens of `v0`, over TLS, in several data centers.
#![cfg(feature = "blocking")]

use std::time::{Duration, SystemTime};

use concur_oauth::auto_connect::{
    ConnectionResult, FailureCause, Outcome, Round, RoundError, Step,
};
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::blocking::{Client, verify_rs256};
use concur_oauth::v0::{
    AuthorizationCodeGrant, ClientCredentialsGrant, ClientId, CreateSecret, DeleteSecret,
    FetchJwks, IdToken, IdTokenError, ListSecrets, MigrateToken, OneTimePassword, OtpDetails,
    OtpGrant, PasswordGrant, Refresh, RequestTokenGrant, RevokeConnections, SendOtp,
    SetSecretStatus, WebFlow, parse_app_center_landing, parse_callback,
};
use concur_oauth::{
    AccessToken, Application, BaseUrl, ConsumerKey, CsrfState, Error, ErrorKind, ExposeSecret,
    RedirectUri, RequestToken, ResponseError, Scope, SecretString, TokenParts, TokenScheme,
};
use concur_oauth_emulator::v0::{Company, Rotation, User};
use concur_oauth_emulator::{
    SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_COMPANY_ID,
    SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, SAMPLE_REDIRECT_URI, Server,
};

struct Concur {
    server: Server,
    client: Client,
    application: Application,
}

impl Concur {
    fn start() -> Self {
        let server = Server::builder()
            .data_centers(["glz", "us2", "eu2"])
            .start()
            .unwrap();
        let root = CertificateDer::from(server.ca_der().to_vec());
        let id = ClientId::new(SAMPLE_CLIENT_ID).unwrap();
        Self {
            client: Client::builder().no_proxy().add_root(root).build().unwrap(),
            application: Application::new(id, SAMPLE_CLIENT_SECRET).unwrap(),
            server,
        }
    }

    fn at(&self, data_center: &str) -> BaseUrl {
        self.server
            .data_center(data_center)
            .unwrap()
            .parse()
            .unwrap()
    }

    fn user_token(&self) -> AccessToken {
        let us2 = self.at("us2");
        let grant = PasswordGrant::new(&us2, &self.application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD);
        self.client.send(grant.unwrap()).unwrap()
    }

    fn application_token(&self) -> AccessToken {
        let us2 = self.at("us2");
        let grant = ClientCredentialsGrant::new(&us2, &self.application);
        self.client.send(grant).unwrap()
    }
}

fn code(error: Error) -> (u32, ErrorKind) {
    let Error::Response(ResponseError::Refused(refused)) = error else {
        panic!("{error:?}");
    };
    (refused.code().unwrap(), refused.kind())
}

fn shown(secret: Option<&SecretString>) -> String {
    secret.unwrap().expose_secret().to_owned()
}

#[test]
fn trap_12_company_is_found_from_the_landing_zone_and_refreshed_at_home() {
    let concur = Concur::start();
    let (glz, eu2) = (concur.at("glz"), concur.at("eu2"));
    let now = SystemTime::now();
    let mut emulator = concur.server.emulator();
    emulator
        .v0()
        .add_company(Company::new("company").in_data_center("eu2"));
    let token = emulator
        .v0()
        .make_request_token(SAMPLE_CLIENT_ID, "company", now);
    drop(emulator);

    let token = RequestToken::new(token).unwrap();
    let grant = RequestTokenGrant::new(&concur.application, "company", &token).unwrap();
    let mut token = concur.client.send(grant.at(&glz)).unwrap();
    assert_eq!(token.base_url(), &eu2);
    assert_eq!(token.scheme(), TokenScheme::Bearer);
    assert_eq!(token.scope(), Some("openid user.read"));
    let left = token.time_left_at(now).unwrap();
    assert!((3590..=3610).contains(&left.as_secs()), "{left:?}");
    let days = token
        .refresh_expires_at()
        .unwrap()
        .duration_since(now)
        .unwrap()
        .as_secs()
        / 86_400;
    assert!((179..=180).contains(&days), "{days}");
    assert!(token.warnings().is_empty());

    // The refresh goes home, and what it brings replaces what was stored.
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    let old = shown(token.refresh_token());
    let refresh = Refresh::for_token(&concur.application, &token).unwrap();
    let changes = token.apply_refresh(concur.client.send(refresh).unwrap());
    assert!(changes.has_new_refresh_token() && changes.moved_from().is_none());
    assert_ne!(shown(token.refresh_token()), old);

    // Asked for in another data center, it is found, and the token says where it lives.
    let refresh_token = token.refresh_token().unwrap().clone();
    let us2 = concur.at("us2");
    let refresh = Refresh::new(&us2, &concur.application, &refresh_token);
    let found = concur
        .client
        .send(refresh)
        .unwrap()
        .into_token(refresh_token);
    assert_eq!(found.base_url(), &eu2);

    // A rotated refresh token that is lost takes the connection with it.
    let old = SecretString::from(old);
    let refresh = Refresh::new(&eu2, &concur.application, &old);
    let error = concur.client.send(refresh).unwrap_err();
    assert_eq!(code(error), (108, ErrorKind::DeadGrant));
    let refresh = Refresh::for_token(&concur.application, &found).unwrap();
    let error = concur.client.send(refresh).unwrap_err();
    assert_eq!(code(error), (108, ErrorKind::DeadGrant));
}

#[test]
fn trap_09_request_token_is_for_its_application_and_few_uses() {
    let concur = Concur::start();
    let glz = concur.at("glz");
    let mut emulator = concur.server.emulator();
    let v0 = emulator.v0();
    let ours = v0.make_request_token(SAMPLE_CLIENT_ID, SAMPLE_COMPANY_ID, SystemTime::now());
    let theirs = v0.make_request_token("other", SAMPLE_COMPANY_ID, SystemTime::now());
    drop(emulator);
    let send = |token: &str| {
        let token = RequestToken::new(token).unwrap();
        let grant = RequestTokenGrant::new(&concur.application, SAMPLE_COMPANY_ID, &token);
        concur.client.send(grant.unwrap().at(&glz))
    };
    for _ in 0..5 {
        send(&ours).unwrap();
    }
    assert_eq!(
        code(send(&ours).unwrap_err()),
        (5, ErrorKind::WrongCredentials)
    );
    assert_eq!(
        code(send(&theirs).unwrap_err()),
        (136, ErrorKind::DeadGrant)
    );
}

#[test]
fn trap_16_and_29_password_is_refused_with_what_to_do_next() {
    let concur = Concur::start();
    let us2 = concur.at("us2");
    for (login_id, refusal) in [
        ("locked@a.example", 14),
        ("sso@a.example", 21),
        ("old@a.example", 139),
    ] {
        let user = User::new(login_id, "x").refused_with(refusal);
        concur.server.emulator().v0().add_user(user);
    }
    let send = |login_id: &str, password: &str| {
        let grant = PasswordGrant::new(&us2, &concur.application, login_id, password);
        concur.client.send(grant.unwrap())
    };
    send(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD).unwrap();
    for (login_id, password, expected) in [
        (SAMPLE_LOGIN_ID, "wrong", (5, ErrorKind::WrongCredentials)),
        ("locked@a.example", "x", (14, ErrorKind::AccountLocked)),
        ("sso@a.example", "x", (21, ErrorKind::AskUserAgain)),
        ("old@a.example", "x", (139, ErrorKind::AskUserAgain)),
    ] {
        let error = send(login_id, password).unwrap_err();
        assert_eq!(error.retry_after(), None);
        assert_eq!(code(error), expected, "{login_id}");
    }
    concur.server.emulator().v0().fail_with(134);
    let error = send(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD).unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
    let id = ClientId::new(SAMPLE_CLIENT_ID).unwrap();
    let wrong = Application::new(id, "wrong").unwrap();
    let error = concur
        .client
        .send(ClientCredentialsGrant::new(&us2, &wrong))
        .unwrap_err();
    assert_eq!(code(error), (64, ErrorKind::WrongApplication));
    let scopes = [Scope::new("not.granted").unwrap()];
    let grant = ClientCredentialsGrant::new(&us2, &concur.application).with_scopes(&scopes);
    let error = concur.client.send(grant).unwrap_err();
    assert_eq!(code(error), (54, ErrorKind::WrongApplication));
}

#[test]
fn strict_service_takes_every_request() {
    let concur = Concur::start();
    concur.server.emulator().v0().set_strict(true);
    concur.server.emulator().v0().set_documented_form(true);
    let token = concur.user_token();
    assert!(token.expires_at().is_some() && token.refresh_expires_at().is_none());
    let refresh = Refresh::for_token(&concur.application, &token).unwrap();
    let _ = concur.client.send(refresh).unwrap();
    concur.application_token();
}

#[test]
fn trap_11_browser_is_sent_out_and_its_code_is_exchanged() {
    let concur = Concur::start();
    let glz = concur.at("glz");
    concur
        .server
        .emulator()
        .v0()
        .add_user(User::new("far@a.example", "x").in_data_center("eu2"));
    let state = CsrfState::from_random([7; 16]);
    let redirect_uri = RedirectUri::new(SAMPLE_REDIRECT_URI).unwrap();
    let flow = WebFlow::new(concur.application.key().clone(), redirect_uri.clone())
        .with_scopes([Scope::new("user.read").unwrap()]);
    let url = flow.authorization_url(&glz, &state);
    let now = SystemTime::now();
    let back = concur
        .server
        .emulator()
        .approve(&url, "far@a.example", now)
        .unwrap();
    let (_, query) = back.split_once('?').unwrap();
    let callback = parse_callback(query, &state).unwrap();
    assert_eq!(
        callback.geolocation(),
        Some(concur.at("eu2").to_string().as_str())
    );
    let grant = || AuthorizationCodeGrant::new(&concur.application, &redirect_uri, callback.code());
    let token = concur.client.send(grant().at(&glz)).unwrap();
    assert_eq!(token.base_url(), &concur.at("eu2"));
    assert_eq!(token.scope(), Some("user.read"));
    let error = concur.client.send(grant().at(&glz)).unwrap_err();
    assert_eq!(code(error), (103, ErrorKind::AskUserAgain));
    // Another redirect URI than the browser was sent out with.
    let back = concur
        .server
        .emulator()
        .approve(&url, SAMPLE_LOGIN_ID, now)
        .unwrap();
    let (_, query) = back.split_once('?').unwrap();
    let callback = parse_callback(query, &state).unwrap();
    let other = RedirectUri::new("http://localhost:1/").unwrap();
    let grant = AuthorizationCodeGrant::new(&concur.application, &other, callback.code());
    let error = concur.client.send(grant.at(&glz)).unwrap_err();
    assert_eq!(code(error), (104, ErrorKind::WrongApplication));
}

#[test]
fn trap_30_one_time_password_is_mailed_and_exchanged() {
    let concur = Concur::start();
    let us2 = concur.at("us2");
    let details = OtpDetails::new(SAMPLE_LOGIN_ID)
        .unwrap()
        .with_link("https://app.example/auth")
        .unwrap()
        .with_parameter("session", "7f&3a")
        .unwrap();
    concur
        .client
        .send(SendOtp::new(&us2, &concur.application, &details))
        .unwrap();
    let link = concur
        .server
        .emulator()
        .v0()
        .mailed_link(SAMPLE_LOGIN_ID)
        .unwrap();
    let otp = OneTimePassword::from_link(&link).unwrap();
    let others = OtpDetails::new(SAMPLE_LOGIN_ID).unwrap();
    let grant = OtpGrant::new(&us2, &concur.application, &others, &otp);
    let error = concur.client.send(grant).unwrap_err();
    assert_eq!(code(error), (84, ErrorKind::AskUserAgain));
    let grant = OtpGrant::new(&us2, &concur.application, &details, &otp);
    let token = concur.client.send(grant).unwrap();
    assert!(token.refresh_token().is_some());
    let unknown = OtpDetails::new("unknown@a.example").unwrap();
    let send = SendOtp::new(&us2, &concur.application, &unknown);
    assert_eq!(
        code(concur.client.send(send).unwrap_err()),
        (55, ErrorKind::WrongCredentials)
    );
}

#[test]
fn trap_10_landing_of_app_center_is_exchanged_last() {
    let concur = Concur::start();
    let (glz, now) = (concur.at("glz"), SystemTime::now());
    let landing = {
        let mut emulator = concur.server.emulator();
        emulator
            .v0()
            .app_center_landing(SAMPLE_CLIENT_ID, SAMPLE_COMPANY_ID, now)
    };
    let landing = parse_app_center_landing(&landing).unwrap();
    assert!(landing.user_id().is_some());
    let is_connected = || {
        let mut emulator = concur.server.emulator();
        emulator
            .v0()
            .is_connected(SAMPLE_CLIENT_ID, SAMPLE_COMPANY_ID, now)
    };
    // Here the administrator signs in to the application and finishes its page.
    assert!(!is_connected());
    let token = landing.request_token();
    let grant = RequestTokenGrant::new(&concur.application, landing.id(), token).unwrap();
    concur.client.send(grant.at(&glz)).unwrap();
    assert!(is_connected());
}

#[test]
fn trap_19_each_call_takes_tokens_of_its_own_kind() {
    let concur = Concur::start();
    let (own, user) = (concur.application_token(), concur.user_token());
    let id = concur.application.key();
    let is_refused = |error: Error| matches!(error, Error::Response(ResponseError::Refused(refused)) if refused.code().is_none());
    // The application's own token has no connections, and a user's may not see the application's secrets.
    assert!(is_refused(
        concur
            .client
            .send(RevokeConnections::new(&own))
            .unwrap_err()
    ));
    assert!(is_refused(
        concur.client.send(ListSecrets::new(&user, id)).unwrap_err()
    ));
    // `concur.type` says which a token is.
    let id_token = IdToken::parse(&shown(user.id_token())).unwrap();
    assert_eq!(id_token.unverified_claims().principal_type(), Some("user"));
    assert!(own.id_token().is_none());
}

#[test]
fn trap_23_revocation_ends_every_refresh_token_of_the_user() {
    let concur = Concur::start();
    let (one, two) = (concur.user_token(), concur.user_token());
    concur.client.send(RevokeConnections::new(&one)).unwrap();
    for token in [&one, &two] {
        let refresh = Refresh::for_token(&concur.application, token).unwrap();
        let error = concur.client.send(refresh).unwrap_err();
        assert_eq!(code(error), (108, ErrorKind::DeadGrant));
    }
    let dead = AccessToken::from(TokenParts::new(
        TokenScheme::Bearer,
        "eyJ0",
        concur.at("us2"),
    ));
    let error = concur
        .client
        .send(RevokeConnections::new(&dead))
        .unwrap_err();
    assert!(
        matches!(error, Error::Response(ResponseError::Refused(_))),
        "{error:?}"
    );
}

#[test]
fn id_token_is_verified_by_the_keys_that_concur_publishes() {
    let concur = Concur::start();
    let token = concur.user_token();
    let jwks = concur
        .client
        .send(FetchJwks::new(token.base_url()))
        .unwrap();
    let text = shown(token.id_token());
    let id_token = IdToken::parse(&text).unwrap();
    let (client_id, now) = (concur.application.key(), SystemTime::now());
    let claims = id_token
        .verify(&jwks, client_id, now, verify_rs256)
        .unwrap();
    let subject = claims.subject().unwrap().to_owned();
    assert_eq!(claims.principal_type(), Some("user"));
    let access_token = token.token().expose_secret().to_owned();
    let holder = concur
        .server
        .emulator()
        .v0()
        .holder(&access_token, now)
        .map(str::to_owned);
    assert_eq!(Some(subject.as_str()), holder.as_deref());

    let verify = |text: &str, now| {
        let token = IdToken::parse(text)?;
        token
            .verify(&jwks, client_id, now, verify_rs256)
            .map(|_| ())
    };
    // Each part changed by one character.
    let parts: Vec<&str> = text.split('.').collect();
    let flipped = |part: &str| {
        let first = if part.starts_with('A') { 'B' } else { 'A' };
        format!("{first}{}", &part[1..])
    };
    let changed = format!("{}.{}.{}", parts[0], parts[1], flipped(parts[2]));
    assert_eq!(verify(&changed, now), Err(IdTokenError::BadSignature));
    let swapped = access_token.split('.').nth(1).unwrap();
    let changed = format!("{}.{swapped}.{}", parts[0], parts[2]);
    assert_eq!(verify(&changed, now), Err(IdTokenError::BadSignature));
    // An access token is no ID token.
    assert_eq!(verify(&access_token, now), Err(IdTokenError::WrongAudience));
    let later = now + Duration::from_secs(3_700);
    assert_eq!(verify(&text, later), Err(IdTokenError::Expired));
}

#[test]
fn trap_27_secret_is_rotated_with_two_active() {
    let concur = Concur::start();
    let token = concur.application_token();
    let id = concur.application.key();
    let list = || concur.client.send(ListSecrets::new(&token, id)).unwrap();
    let old = list()[0].id().to_owned();
    let created = concur.client.send(CreateSecret::new(&token, id)).unwrap();
    let new = created.id().unwrap().to_owned();
    assert!(
        list()
            .iter()
            .any(|secret| secret.id() == new && !secret.is_active())
    );
    concur
        .client
        .send(SetSecretStatus::active(&token, id, &new).unwrap())
        .unwrap();
    assert!(
        list()
            .iter()
            .all(concur_oauth::v0::ApplicationSecret::is_active)
    );
    // What is active cannot be deleted.
    assert!(
        concur
            .client
            .send(DeleteSecret::new(&token, id, &old).unwrap())
            .is_err()
    );
    concur
        .client
        .send(SetSecretStatus::inactive(&token, id, &old).unwrap())
        .unwrap();
    concur
        .client
        .send(DeleteSecret::new(&token, id, &old).unwrap())
        .unwrap();
    assert_eq!(list().len(), 1);
    let us2 = concur.at("us2");
    let grant = ClientCredentialsGrant::new(&us2, &concur.application);
    let error = concur.client.send(grant).unwrap_err();
    assert_eq!(code(error), (64, ErrorKind::WrongApplication));
}

#[test]
fn old_token_is_moved_over_to_a_user_and_to_a_company() {
    let concur = Concur::start();
    let now = SystemTime::now();
    let mut emulator = concur.server.emulator();
    emulator.add_tokens("old", "r1", SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, now);
    emulator.add_tokens(
        "admin",
        "r2",
        SAMPLE_CONSUMER_KEY,
        SAMPLE_ADMINISTRATOR_LOGIN_ID,
        now,
    );
    drop(emulator);
    let authorization = concur.application_token();
    let old_key = ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
    let old = |token: &str| {
        AccessToken::from(TokenParts::new(TokenScheme::OAuth, token, concur.at("glz")))
    };
    let (user, admin, unknown) = (old("old"), old("admin"), old("unknown"));
    let migrate =
        |token| MigrateToken::new(&authorization, &concur.application, &old_key, token).unwrap();
    for (exchange, kind) in [
        (migrate(&user), "user"),
        (migrate(&admin).for_company(), "company"),
    ] {
        let migrated = concur.client.send(exchange).unwrap();
        assert!(migrated.refresh_expires_at().unwrap() > now);
        assert_eq!(migrated.scope(), Some("openid user.read"));
        let us2 = concur.at("us2");
        let refresh = Refresh::new(&us2, &concur.application, migrated.refresh_token());
        let token = concur.client.send(refresh).unwrap();
        let id_token = IdToken::parse(&shown(token.token().id_token())).unwrap();
        assert_eq!(id_token.unverified_claims().principal_type(), Some(kind));
    }
    for refused in [migrate(&unknown), migrate(&user).for_company()] {
        let error = concur.client.send(refused).unwrap_err();
        let Error::Response(ResponseError::Refused(refused)) = error else {
            panic!("{error:?}");
        };
        assert_eq!(
            (refused.error(), refused.kind()),
            (Some("INVALIDTOKEN"), ErrorKind::DeadGrant)
        );
    }
}

/// Drives a round with a partner's token: members have loyalty numbers that begin with 1.
fn drive(concur: &Concur, mut round: Round<'_>) -> (Vec<ConnectionResult>, Result<(), RoundError>) {
    let mut results = Vec::new();
    loop {
        match round.step(SystemTime::now()) {
            Step::Send(request) => {
                let received = concur.client.send(request);
                round.receive(received);
            }
            Step::Match { request, .. } => {
                let number = request.loyalty_number().unwrap_or_default();
                let outcome = if number.starts_with('1') {
                    Outcome::Connected
                } else {
                    Outcome::LoyaltyNumberNotFound
                };
                round.matched(outcome);
            }
            Step::Finished(result) => results.push(result),
            Step::Done(end) => return (results, end),
        }
    }
}

#[test]
fn round_of_a_supplier_speaks_v0_with_a_bearer_token() {
    use concur_oauth_emulator::ConnectionRequest;
    for revokes in [false, true] {
        let concur = Concur::start();
        let now = SystemTime::now();
        let mut emulator = concur.server.emulator();
        let supplier = concur_oauth_emulator::v0::Application::new("supplier", "secret");
        let supplier = supplier.with_scopes(["CONREQ", "ITINER"]);
        emulator.v0().add_application(supplier);
        for (login_id, data_center) in [("a@a.example", "eu2"), ("b@a.example", "us2")] {
            let user = User::new(login_id, "x").with_id(format!("id of {login_id}"));
            emulator.v0().add_user(user.in_data_center(data_center));
        }
        let request = |login_id: &str, number: &str| {
            let mut request = ConnectionRequest::new("supplier", login_id);
            request = request.with_loyalty_number(number);
            request
        };
        let ids = [
            emulator.add_connection_request(request("a@a.example", "1"), now),
            emulator.add_connection_request(request("b@a.example", "2"), now),
            emulator.add_connection_request(request("unknown@a.example", "3"), now),
        ];
        drop(emulator);
        let id = ClientId::new("supplier").unwrap();
        let application = Application::new(id, "secret").unwrap();
        // At us2, so that the first user is found elsewhere.
        let us2 = concur.at("us2");
        let grant = ClientCredentialsGrant::new(&us2, &application);
        let own = concur.client.send(grant).unwrap();
        let round = Round::new(&application, &own).revoke_rejected(revokes);
        let (results, end) = drive(&concur, round);
        end.unwrap();
        assert_eq!(results.len(), 3, "{results:?}");
        let mut tokens = 0;
        for result in results {
            match result {
                ConnectionResult::Connected { token, request } => {
                    assert_eq!(request.id().unwrap().as_str(), ids[0]);
                    assert_eq!(token.base_url(), &concur.at("eu2"));
                    assert!(token.refresh_token().is_some());
                }
                ConnectionResult::Rejected { token, .. } => {
                    assert_eq!(token.is_none(), revokes);
                    tokens += usize::from(token.is_some());
                }
                ConnectionResult::Failed(failure) => {
                    assert!(
                        matches!(failure.causes(), [FailureCause::Exchange(_)]),
                        "{failure}"
                    );
                }
            }
        }
        let is_connected = |id: &str| {
            let mut emulator = concur.server.emulator();
            emulator.v0().is_connected("supplier", id, now)
        };
        assert!(is_connected("id of a@a.example"));
        assert_eq!(is_connected("id of b@a.example"), !revokes);
        assert_eq!(tokens > 0, !revokes);
        let emulator = concur.server.emulator();
        assert_eq!(emulator.reported(&ids[0]), Some("CRSUC"));
        assert_eq!(emulator.reported(&ids[1]), Some("CREU1"));
    }
}
