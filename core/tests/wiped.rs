//! No heap block is freed with credentials in it.

mod inspector;

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use concur_oauth_core::auto_connect::{Round, Step};
use concur_oauth_core::net2::{CodeExchange, NativeFlow, Refresh, RevokeToken};
use concur_oauth_core::{
    AccessToken, Application, BaseUrl, ConsumerKey, Credentials, Exchange, RequestToken,
    SecretBody, TokenParts, TokenScheme, parse_app_center_callback, v0,
};

const LOGIN_ID: &str = "wiped.login@example.com";
const PASSWORD: &str = "wiped&Password$2026";

const SECRET: &str = "wiped+secret+2026";
const CODE: &str = "wiped-code-2026";
const TOKEN: &str = "wiped/token=2026";

const QUERY: &str = "code=wiped-code-2026";

#[test]
#[allow(clippy::too_many_lines, reason = "a list")]
fn no_freed_heap_block_holds_credentials() {
    let joined = format!("{LOGIN_ID}:{PASSWORD}");
    inspector::look_for(vec![
        CODE.into(),
        TOKEN.into(),
        "wiped%2Ftoken%3D2026".into(),
        SECRET.into(),
        SECRET.replace('+', "%2B").into(),
        LOGIN_ID.into(),
        LOGIN_ID.replace('@', "%40").into(),
        PASSWORD.into(),
        PASSWORD.replace('&', "%26").replace('$', "%24").into(),
        STANDARD.encode(joined).into_bytes(),
    ]);
    inspector::assert_sees();
    let key = || ConsumerKey::new("key").unwrap();
    let base_url = BaseUrl::US_PRODUCTION;

    // Sent.
    let flow = NativeFlow::new(
        base_url.clone(),
        key(),
        Credentials::with_password(LOGIN_ID, PASSWORD).unwrap(),
    );
    let request = flow.into_request().unwrap();
    let clone = request.headers().clone();
    drop(request);
    drop(clone);
    // Built from strings with room to spare, which shrinking would copy.
    let roomy = |text: &str| {
        let mut string = String::with_capacity(1000);
        string.push_str(text);
        string
    };
    drop(Credentials::with_password(roomy(LOGIN_ID), roomy(PASSWORD)).unwrap());
    // Never sent.
    drop(NativeFlow::new(
        base_url.clone(),
        key(),
        Credentials::with_pin(LOGIN_ID, PASSWORD).unwrap(),
    ));
    // Refused. (`concat` sizes first; `format!` would grow, and leave a copy of its own.)
    Credentials::with_password([LOGIN_ID, ":"].concat(), PASSWORD).unwrap_err();
    Credentials::with_password(LOGIN_ID, [PASSWORD, "\n"].concat()).unwrap_err();
    Credentials::with_password("", PASSWORD).unwrap_err();

    // What stands in a query, encoded or not.
    let application = Application::new(key(), roomy(SECRET)).unwrap();
    let code = RequestToken::new(roomy(CODE)).unwrap();
    let request = CodeExchange::new(&base_url, &application, &code).into_request();
    let uri = request.unwrap().uri().clone();
    drop(uri);
    // (What came in a query is the caller's to wipe; what is made of it is not.)
    drop(parse_app_center_callback(QUERY).unwrap());
    let mut parts = TokenParts::new(TokenScheme::OAuth, roomy(TOKEN), base_url.clone());
    parts.refresh_token = Some(TOKEN.into());
    let token = AccessToken::from(parts);
    let refresh = Refresh::for_token(&application, &token).unwrap();
    drop(refresh.into_request().unwrap());
    let revocation = RevokeToken::new(&token, token.token());
    drop(revocation.into_request().unwrap());
    // What stands in a form, or in JSON.
    let us2 = BaseUrl::US2;
    let grant = v0::PasswordGrant::new(&us2, &application, roomy(LOGIN_ID), roomy(PASSWORD));
    drop(grant.unwrap().into_request().unwrap());
    let grant = v0::PasswordGrant::new(
        &us2,
        &application,
        roomy(LOGIN_ID),
        [PASSWORD, "\n"].concat(),
    );
    grant.unwrap_err();
    let grant = v0::PasswordGrant::new(&us2, &application, "", [PASSWORD, "\n"].concat());
    grant.unwrap_err();
    let grant = v0::RequestTokenGrant::new(&application, "company", &code).unwrap();
    drop(grant.into_request().unwrap());
    drop(
        v0::Refresh::new(&us2, &application, token.token())
            .into_request()
            .unwrap(),
    );
    let otp = v0::OneTimePassword::new(roomy(CODE)).unwrap();
    let details = v0::OtpDetails::new("jo@example.com").unwrap();
    drop(
        v0::OtpGrant::new(&us2, &application, &details, &otp)
            .into_request()
            .unwrap(),
    );
    drop(v0::OneTimePassword::from_link(&["https://app.example/?token=", "x"].concat()).unwrap());
    let parts = TokenParts::new(TokenScheme::Bearer, roomy(TOKEN), us2.clone());
    let bearer = AccessToken::from(parts);
    let old = AccessToken::from(TokenParts::new(
        TokenScheme::OAuth,
        roomy(TOKEN),
        BaseUrl::US_PRODUCTION,
    ));
    let migrate = v0::MigrateToken::new(&bearer, &application, application.key(), &old).unwrap();
    drop(migrate.into_request().unwrap());
    drop((otp, bearer, old));
    // A body, with room to spare.
    let body = SecretBody::from(roomy(PASSWORD).into_bytes());
    drop(body.clone());
    drop(body);
    // A round's request is built before it is sent.
    let mut round = Round::new(&application, &token);
    let Step::Send(list) = round.step(SystemTime::UNIX_EPOCH) else {
        panic!()
    };
    drop(list);
    Application::new(key(), [SECRET, "\n"].concat()).unwrap_err();
    drop(round);
    drop((application, code, token));

    let (found, freed) = inspector::found();
    assert!(freed > 10, "{freed}");
    assert_eq!(found, 0, "of {freed} blocks");
}
