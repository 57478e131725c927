//! The request of every call, and where a user who lives elsewhere is asked for.

use std::time::SystemTime;

use secrecy::SecretString;

use super::*;
use crate::application::Application;
use crate::authorization::{CsrfState, RedirectUri, RequestToken, Scope};
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{InputError, InputField};
use crate::response::ErrorKind;
use crate::token::{AccessToken, TokenParts, TokenScheme};

const AGAIN: bool = true;
const ONCE: bool = false;

fn application() -> Application {
    Application::new(ClientId::new("id").unwrap(), "s&cret").unwrap()
}

fn token(scheme: TokenScheme, base_url: BaseUrl) -> AccessToken {
    TokenParts::new(scheme, "to.ken", base_url).into()
}

/// Checks an exchange and its request.
fn row<E: Exchange>(exchange: E, is_resendable: bool, line: &str, media_type: &str, body: &str) {
    assert_eq!(exchange.is_resendable(), is_resendable, "{line}");
    let base_url = exchange.base_url().clone();
    let request = exchange.into_request().unwrap();
    assert_eq!(format!("{} {}", request.method(), request.uri()), line);
    assert!(base_url.is_origin_of(request.uri()), "{line}");
    let field = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    assert_eq!(field("accept"), Some("application/json"));
    assert_eq!(field("accept-encoding"), Some("identity"));
    assert_eq!(
        field("content-type").unwrap_or_default(),
        media_type,
        "{line}"
    );
    let is_authorized = field("authorization") == Some("Bearer to.ken");
    assert_eq!(is_authorized, !line.contains("/oauth2/v0/"), "{line}");
    assert_eq!(
        std::str::from_utf8(request.body().as_ref()).unwrap(),
        body,
        "{line}"
    );
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn trap_01_and_17_and_18_grants_are_forms_with_all_that_concur_wants() {
    let application = application();
    let scopes = [Scope::new("a.read").unwrap(), Scope::EXPRPT];
    let at_us2 = "POST https://us2.api.concursolutions.com/oauth2/v0/token";
    let at_glz = "POST https://glz.api.concursolutions.com/oauth2/v0/token";
    let us2 = BaseUrl::US2;
    let password = || PasswordGrant::new(&us2, &application, "jo@example.com", "+&%$ é");
    row(
        password().unwrap(),
        AGAIN,
        at_us2,
        FORM,
        "client_id=id&client_secret=s%26cret&grant_type=password&username=jo%40example.com\
         &password=%2B%26%25%24%20%C3%A9&credtype=password",
    );
    row(
        password().unwrap().with_scopes(&scopes),
        AGAIN,
        at_us2,
        FORM,
        "client_id=id&client_secret=s%26cret&grant_type=password&username=jo%40example.com\
         &password=%2B%26%25%24%20%C3%A9&credtype=password&scope=a.read%20EXPRPT",
    );
    let request_token = RequestToken::new("at-1").unwrap();
    let grant = RequestTokenGrant::new(&application, "company", &request_token).unwrap();
    row(
        grant.with_scopes(&scopes[..1]),
        ONCE,
        at_glz,
        FORM,
        "client_id=id&client_secret=s%26cret&grant_type=password&username=company&password=at-1\
         &credtype=authtoken&scope=a.read",
    );
    assert_eq!(grant.at(&BaseUrl::EU2).base_url(), &BaseUrl::EU2);
    row(
        ClientCredentialsGrant::new(&BaseUrl::US2, &application).with_scopes(&scopes[1..]),
        AGAIN,
        at_us2,
        FORM,
        "client_id=id&client_secret=s%26cret&grant_type=client_credentials&scope=EXPRPT",
    );
    let redirect_uri = RedirectUri::new("https://app.example/back").unwrap();
    let code = AuthorizationCode::new("c/o+de").unwrap();
    let grant = AuthorizationCodeGrant::new(&application, &redirect_uri, &code);
    row(
        grant,
        ONCE,
        at_glz,
        FORM,
        "client_id=id&client_secret=s%26cret&grant_type=authorization_code\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fback&code=c%2Fo%2Bde",
    );
    assert_eq!(grant.at(&BaseUrl::EU2).base_url(), &BaseUrl::EU2);
    let refresh_token = SecretString::from("r=1");
    row(
        Refresh::new(&BaseUrl::US2, &application, &refresh_token),
        ONCE,
        at_us2,
        FORM,
        "client_id=id&client_secret=s%26cret&grant_type=refresh_token&refresh_token=r%3D1",
    );
}

#[test]
fn trap_30_one_time_password_is_exchanged_with_what_it_was_sent_with() {
    let application = application();
    let details = OtpDetails::new("jo@example.com")
        .unwrap()
        .with_name("William Never")
        .unwrap()
        .with_company("Company Demo")
        .unwrap()
        .with_link("https://app.example/auth")
        .unwrap()
        .with_parameter("my fact", "a&b")
        .unwrap();
    let facts = "channel_type=email&channel_handle=jo%40example.com&name=William%20Never&company=Company%20Demo\
                 &link=https%3A%2F%2Fapp.example%2Fauth&my%20fact=a%26b";
    row(
        SendOtp::new(&BaseUrl::US2, &application, &details),
        ONCE,
        "POST https://us2.api.concursolutions.com/oauth2/v0/otp",
        FORM,
        &format!("client_id=id&client_secret=s%26cret&{facts}"),
    );
    let otp = OneTimePassword::new("dd-1").unwrap();
    let scopes = [Scope::EXPRPT];
    row(
        OtpGrant::new(&BaseUrl::US2, &application, &details, &otp).with_scopes(&scopes),
        ONCE,
        "POST https://us2.api.concursolutions.com/oauth2/v0/token",
        FORM,
        &format!(
            "client_id=id&client_secret=s%26cret&grant_type=otp&otp=dd-1&{facts}&scope=EXPRPT"
        ),
    );
}

#[test]
fn calls_with_a_bearer_token_go_to_its_own_data_center() {
    let (application, us2) = (application(), token(TokenScheme::Bearer, BaseUrl::US2));
    let at_us2 = "https://us2.api.concursolutions.com";
    row(
        RevokeConnections::new(&us2),
        AGAIN,
        &format!("DELETE {at_us2}/app-mgmt/v0/connections"),
        "",
        "",
    );
    let id = ClientId::new("i/d").unwrap();
    let secrets = format!("{at_us2}/app-mgmt/v4/i%2Fd/secrets");
    row(
        ListSecrets::new(&us2, &id),
        AGAIN,
        &format!("GET {secrets}"),
        "",
        "",
    );
    row(
        CreateSecret::new(&us2, &id),
        ONCE,
        &format!("POST {secrets}"),
        "",
        "",
    );
    for (set, value) in [
        (SetSecretStatus::active(&us2, &id, "a b"), "active"),
        (SetSecretStatus::inactive(&us2, &id, "a b"), "inactive"),
    ] {
        row(
            set.unwrap(),
            AGAIN,
            &format!("PATCH {secrets}/a%20b"),
            "application/json",
            &format!(
                r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","path":"/status","value":"{value}"}}]}}"#
            ),
        );
    }
    let delete = DeleteSecret::new(&us2, &id, "a").unwrap();
    row(delete, AGAIN, &format!("DELETE {secrets}/a"), "", "");
    let old = token(TokenScheme::OAuth, BaseUrl::EU_PRODUCTION);
    let migrate = MigrateToken::new(&us2, &application, &id, &old).unwrap();
    for (migrate, query) in [
        (migrate, ""),
        (migrate.for_company(), "?returnType=companyToken"),
    ] {
        row(
            migrate,
            ONCE,
            &format!("POST {at_us2}/appmgmt/v0/legacyApps/i%2Fd/exchangeRefreshToken/me{query}"),
            "application/json",
            r#"{"token":"to.ken","secret":"s&cret"}"#,
        );
    }
}

#[test]
fn trap_24_bare_401_and_403_are_about_the_bearer_token() {
    let context = ResponseContext::new(BaseUrl::US2, SystemTime::UNIX_EPOCH);
    let kinds = |status: u16, body: &str| {
        let response = || {
            let response = http::Response::builder().status(status);
            response.body(body.as_bytes()).unwrap()
        };
        [
            RevokeConnections::parse(response(), &context)
                .unwrap_err()
                .kind(),
            ListSecrets::parse(response(), &context).unwrap_err().kind(),
            CreateSecret::parse(response(), &context)
                .unwrap_err()
                .kind(),
            SetSecretStatus::parse(response(), &context)
                .unwrap_err()
                .kind(),
            DeleteSecret::parse(response(), &context)
                .unwrap_err()
                .kind(),
            MigrateToken::parse(response(), &context)
                .unwrap_err()
                .kind(),
        ]
    };
    for (status, body, kind) in [
        (401, "", ErrorKind::DeadGrant),
        (403, "", ErrorKind::DeadGrant),
        (
            403,
            r#"{"error":"access_denied"}"#,
            ErrorKind::AskAdministrator,
        ),
        (403, r#"{"code":53}"#, ErrorKind::AskAdministrator),
        (400, "", ErrorKind::Other),
    ] {
        assert_eq!(kinds(status, body), [Some(kind); 6], "{status} {body}");
    }
}

#[test]
fn trap_11_authorization_url_leads_to_the_host_for_browsers() {
    let state = CsrfState::from_random([7; 16]);
    let redirect_uri = RedirectUri::new("https://app.example/back?a=b").unwrap();
    let flow = || WebFlow::new(ClientId::new("i/d").unwrap(), redirect_uri.clone());
    let common = "/oauth2/v0/authorize?client_id=i%2Fd&redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fa%3Db\
                  &response_type=code";
    let state_at_end = format!("&state={}", state.as_str());
    assert_eq!(
        flow().authorization_url(&BaseUrl::EU2, &state),
        format!("https://www-eu2.api.concursolutions.com{common}{state_at_end}")
    );
    let scopes = [Scope::new("a.read").unwrap(), Scope::EXPRPT];
    assert_eq!(
        flow()
            .with_scopes(scopes)
            .authorization_url(&BaseUrl::GLZ, &state),
        format!(
            "https://www-glz.api.concursolutions.com{common}&scope=a.read%20EXPRPT{state_at_end}"
        )
    );
}

#[test]
fn host_that_a_browser_brings_is_no_destination() {
    let state = CsrfState::from_random([7; 16]);
    let query = format!(
        "geolocation=https://us2.api.concursolutions.com&code=c&state={}",
        state.as_str()
    );
    for query in [
        query.clone(),
        query.replace("us2.api.concursolutions.com", "evil.example"),
    ] {
        let callback = parse_callback(&query, &state).unwrap();
        assert!(callback.geolocation().is_some());
        let redirect_uri = RedirectUri::new("https://app.example/back").unwrap();
        let application = application();
        let grant = AuthorizationCodeGrant::new(&application, &redirect_uri, callback.code());
        assert_eq!(grant.base_url(), &BaseUrl::GLZ);
    }
}

#[test]
fn refresh_token_that_cannot_be_sent_is_refused() {
    let application = application();
    let us2 = BaseUrl::US2;
    for bad in ["", "a\nb"] {
        let refresh_token = SecretString::from(bad);
        let refresh = Refresh::new(&us2, &application, &refresh_token);
        assert_eq!(
            refresh.into_request().unwrap_err().field(),
            InputField::REFRESH_TOKEN
        );
    }
}

#[test]
fn bearer_token_goes_to_no_host_of_the_older_service() {
    let bearer = token(TokenScheme::Bearer, BaseUrl::US_PRODUCTION);
    let mut request = http::Request::get("https://www.concursolutions.com/api")
        .body(())
        .unwrap();
    let error = bearer.authorize(&mut request).unwrap_err();
    assert_eq!(error.field(), InputField::BASE_URL);
}

#[test]
fn token_of_the_older_service_authorizes_nothing() {
    let (application, old) = (application(), token(TokenScheme::OAuth, BaseUrl::US2));
    let key = application.key();
    for request in [
        RevokeConnections::new(&old).into_request(),
        ListSecrets::new(&old, key).into_request(),
        MigrateToken::new(&old, &application, key, &old)
            .unwrap()
            .into_request(),
    ] {
        assert_eq!(request.unwrap_err().field(), InputField::ACCESS_TOKEN);
    }
}

#[test]
fn keys_are_fetched_without_a_token() {
    row(
        FetchJwks::new(&BaseUrl::WWW_US2),
        AGAIN,
        "GET https://www-us2.api.concursolutions.com/oauth2/v0/jwks",
        "",
        "",
    );
}

#[test]
fn trap_26_nothing_is_sent_to_a_host_of_the_older_service() {
    let application = application();
    let refused = |result: Result<_, InputError>| {
        let error = result.map(|_: http::Request<_>| ()).unwrap_err();
        assert_eq!(error.field(), InputField::BASE_URL);
        assert!(
            error
                .to_string()
                .contains("https://us2.api.concursolutions.com"),
            "{error}"
        );
    };
    let old = BaseUrl::US_PRODUCTION;
    refused(ClientCredentialsGrant::new(&old, &application).into_request());
    refused(FetchJwks::new(&old).into_request());
    let token = token(TokenScheme::Bearer, old);
    refused(RevokeConnections::new(&token).into_request());
}

#[test]
fn old_token_is_exchanged_inside_concurs_domain_only() {
    let application = application();
    let key = application.key();
    let migrate = |old: AccessToken, new: AccessToken| {
        MigrateToken::new(&new, &application, key, &old)
            .map(|_| ())
            .map_err(|e| e.field())
    };
    let old = |url: &str| token(TokenScheme::OAuth, url.parse().unwrap());
    let new = |url: &str| token(TokenScheme::Bearer, url.parse().unwrap());
    let us2 = "https://us2.api.concursolutions.com";
    for (from, to, result) in [
        ("https://www.concursolutions.com", us2, Ok(())),
        ("https://concur.example", "https://concur.example", Ok(())),
        ("http://localhost:1", "http://localhost:2", Ok(())),
        (
            "https://www.concursolutions.com",
            "https://evil.example",
            Err(InputField::BASE_URL),
        ),
        ("https://concur.example", us2, Err(InputField::BASE_URL)),
        (us2, "http://localhost", Err(InputField::BASE_URL)),
    ] {
        assert_eq!(migrate(old(from), new(to)), result, "{from} {to}");
    }
    let error = migrate(new(us2), new(us2)).unwrap_err();
    assert_eq!(error, InputField::ACCESS_TOKEN);
    let (old, new) = (old("https://www.concursolutions.com"), new(us2));
    let dots = ClientId::new("..").unwrap();
    assert!(MigrateToken::new(&new, &application, &dots, &old).is_err());
    let list = ListSecrets::new(&new, &dots);
    assert!(list.into_request().is_err());
    assert!(DeleteSecret::new(&new, application.key(), "a/..").is_err());
    assert!(SetSecretStatus::active(&new, application.key(), "").is_err());
}

#[test]
fn credentials_that_cannot_be_sent_are_refused_and_none_is_shown() {
    let application = application();
    for (username, password, field) in [
        ("", "b", InputField::LOGIN_ID),
        ("a\n", "b", InputField::LOGIN_ID),
        ("a", "", InputField::PASSWORD),
        ("a", "b\0", InputField::PASSWORD),
    ] {
        let error =
            PasswordGrant::new(&BaseUrl::US2, &application, username, password).unwrap_err();
        assert_eq!(error.field(), field);
    }
    let request_token = RequestToken::new("hidden").unwrap();
    for principal in ["", "a\r\nb"] {
        let error = RequestTokenGrant::new(&application, principal, &request_token).unwrap_err();
        assert_eq!(error.field(), InputField::PRINCIPAL_ID);
    }
    let no_refresh = token(TokenScheme::Bearer, BaseUrl::US2);
    assert!(Refresh::for_token(&application, &no_refresh).is_err());
    let hidden = Application::new(ClientId::new("id").unwrap(), "hidden").unwrap();
    let details = OtpDetails::new("hidden@example.com").unwrap();
    let otp = OneTimePassword::new("hidden").unwrap();
    let redirect_uri = RedirectUri::new("https://app.example/").unwrap();
    let code = AuthorizationCode::new("hidden").unwrap();
    let secret = SecretString::from("hidden");
    let us2 = &BaseUrl::US2;
    for shown in [
        format!(
            "{:?}",
            PasswordGrant::new(us2, &hidden, "hidden", "hidden").unwrap()
        ),
        format!(
            "{:?}",
            RequestTokenGrant::new(&hidden, "company", &request_token).unwrap()
        ),
        format!("{:?}", ClientCredentialsGrant::new(us2, &hidden)),
        format!(
            "{:?}",
            AuthorizationCodeGrant::new(&hidden, &redirect_uri, &code)
        ),
        format!("{:?}", SendOtp::new(us2, &hidden, &details)),
        format!("{:?}", OtpGrant::new(us2, &hidden, &details, &otp)),
        format!("{:?}", Refresh::new(us2, &hidden, &secret)),
    ] {
        assert!(!shown.contains("hidden"), "{shown}");
    }
}

/// Returns where a grant asks for a user next, after this response from GLZ.
fn elsewhere(status: u16, body: &str) -> Option<String> {
    let context = ResponseContext::new(BaseUrl::GLZ, SystemTime::UNIX_EPOCH);
    let response = http::Response::builder()
        .status(status)
        .body(body.as_bytes())
        .unwrap();
    let named = PasswordGrant::elsewhere(&response, &context);
    for other in [
        RequestTokenGrant::elsewhere(&response, &context),
        ClientCredentialsGrant::elsewhere(&response, &context),
        AuthorizationCodeGrant::elsewhere(&response, &context),
        SendOtp::elsewhere(&response, &context),
        OtpGrant::elsewhere(&response, &context),
        Refresh::elsewhere(&response, &context),
    ] {
        assert_eq!(other, named);
    }
    // A bearer token goes to its own data center alone.
    for never in [
        RevokeConnections::elsewhere(&response, &context),
        MigrateToken::elsewhere(&response, &context),
        ListSecrets::elsewhere(&response, &context),
    ] {
        assert_eq!(never, None);
    }
    named.map(|named| named.to_string())
}

#[test]
fn trap_05_user_who_lives_elsewhere_is_asked_for_there() {
    let us2 = Some("https://us2.api.concursolutions.com".to_owned());
    for (status, body) in [
        (
            400,
            r#"{"error":"invalid_request","concur-correlationid":"1","error_description":"user lives elsewhere","code":16,"geolocation":"https://us2.api.concursolutions.com"}"#,
        ),
        (
            403,
            r#"{"code":"16","geolocation":"https://us2.api.concursolutions.com/oauth2/v0/token"}"#,
        ),
    ] {
        assert_eq!(elsewhere(status, body), us2, "{body}");
    }
}

#[test]
fn trap_06_and_29_no_other_error_and_no_foreign_host_moves_a_request() {
    let named = |url: &str| format!(r#"{{"code":16,"geolocation":"{url}"}}"#);
    for url in [
        "https://glz.api.concursolutions.com",
        "https://evil.example",
        "http://us2.api.concursolutions.com",
        "https://us2.api.concursolutions.com:8443",
        "https://me@us2.api.concursolutions.com",
        "https://www.concursolutions.com",
        "https://127.0.0.1",
        "http://localhost",
        "",
    ] {
        assert_eq!(elsewhere(400, &named(url)), None, "{url}");
    }
    let us2 = "https://us2.api.concursolutions.com";
    for (status, body) in [
        (200, named(us2)),
        (302, named(us2)),
        (500, named(us2)),
        (400, named(us2).replace("16", "108")),
        (400, named(us2).replace(":16", ":null")),
        (400, named(us2).replace("code", "other")),
        (400, format!("{}x", named(us2))),
        (400, String::new()),
        (400, "<html>".to_owned()),
    ] {
        assert_eq!(elsewhere(status, &body), None, "{status} {body}");
    }
}
