mod connection_requests;

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use http::{Request, Response, StatusCode};

use crate::state::grants::Grants;
use crate::{
    Application, ConnectionRequest, Emulator, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY,
    SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, User,
};

fn send(method: &str, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let mut emulator = Emulator::with_sample_account();
    emulator.add_user(User::new("jo@example.com", "").with_pin("jo@mail.example", "0042"));
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610);
    let response = emulator.respond(&request.body(Vec::new()).unwrap(), now);
    let body = String::from_utf8(response.body().clone()).unwrap();
    (response.status(), body)
}

fn native(key: &str, user: &str, path: &str, accept: &str) -> (StatusCode, String) {
    let basic = format!("Basic {}", STANDARD.encode(user));
    let fields = [
        ("authorization", basic.as_str()),
        ("x-consumerkey", key),
        ("accept", accept),
    ];
    send("GET", path, &fields)
}

const PATH: &str = "/net2/oauth2/accesstoken.ashx";
const USER: &str = "john_developer@hotmail.com:Travel&Expense$2012";

#[test]
fn documented_account_gets_a_token_for_a_year() {
    let (status, body) = native(SAMPLE_CONSUMER_KEY, USER, PATH, "application/xml");
    assert_eq!(status, 200);
    let body = body.replace("\r\n", "\n");
    assert!(body.starts_with("<Access_Token>\n  <Instance_Url>https://www.concursolutions.com/</Instance_Url>\n  <Token>"), "{body}");
    assert!(body.contains("\n  <Expiration_date>9/25/2017 1:36:50 PM</Expiration_date>\n"));
    assert!(
        body.ends_with("</Refresh_Token>\n</Access_Token>\n"),
        "{body}"
    );
}

#[test]
fn path_of_any_case_or_doubled_slashes_is_accepted() {
    for path in [
        "//net2/oauth2/accesstoken.ashx",
        "/NET2/OAuth2/AccessToken.ASHX",
    ] {
        assert_eq!(native(SAMPLE_CONSUMER_KEY, USER, path, "*/*").0, 200);
    }
    assert_eq!(send("GET", "/", &[]).0, 404);
    assert_eq!(send("PUT", PATH, &[]).0, 404);
}

#[test]
fn accept_json_gets_json() {
    let (_, body) = native(SAMPLE_CONSUMER_KEY, USER, PATH, "application/json");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        body["Access_Token"]["Expiration_date"],
        "9/25/2017 1:36:50 PM"
    );
    let (status, body) = native("other", USER, PATH, "application/json");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 403);
    assert_eq!(body["Error"]["Message"], "Invalid consumer key");
}

#[test]
fn pin_or_empty_password_signs_in() {
    for user in ["jo@example.com:", "jo@mail.example:0042"] {
        assert_eq!(native(SAMPLE_CONSUMER_KEY, user, PATH, "*/*").0, 200);
    }
    assert_eq!(
        native(SAMPLE_CONSUMER_KEY, "jo@example.com", PATH, "*/*").0,
        403
    );
}

#[test]
fn refusal_comes_with_the_error_document() {
    for (fields, status, message) in [
        (&[][..], 401, "No Authorization header"),
        (&[("authorization", "Basic x")], 403, "Invalid consumer key"),
        (
            &[
                ("authorization", "Bearer x"),
                ("x-consumerkey", SAMPLE_CONSUMER_KEY),
            ],
            403,
            "Invalid credentials",
        ),
    ] {
        let (got, body) = send("POST", PATH, fields);
        assert_eq!(got, status);
        assert!(
            body.contains(&format!("<Message>{message}</Message>")),
            "{body}"
        );
        assert!(body.contains("<Server-Time>2016-09-25T13:36:50</Server-Time>"));
    }
    let (status, body) = native(SAMPLE_CONSUMER_KEY, "jo:wrong", PATH, "application/xml");
    assert_eq!(status, 403);
    assert!(body.contains("Invalid credentials"), "{body}");
}

const START: SystemTime = SystemTime::UNIX_EPOCH;

fn get(emulator: &mut Emulator, method: &str, uri: &str, admin: &str) -> (u16, String) {
    let request = Request::builder().method(method).uri(uri);
    let request = if admin.is_empty() {
        request
    } else {
        request.header("authorization", format!("OAuth {admin}"))
    };
    let response = emulator.respond(&request.body(Vec::new()).unwrap(), START);
    let body = String::from_utf8(response.body().clone()).unwrap();
    (response.status().as_u16(), body)
}

fn field(document: &str, name: &str) -> String {
    let (_, rest) = document.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

fn encoded(text: &str) -> String {
    text.replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D")
}

#[test]
fn request_token_is_used_up_and_refresh_token_stays() {
    let mut emulator = Emulator::with_sample_account();
    let code = emulator.consent(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, START);
    let application =
        format!("client_id={SAMPLE_CONSUMER_KEY}&client_secret={SAMPLE_CONSUMER_SECRET}");
    let path = "/net2/oauth2/GetAccessToken.ashx";
    let uri = format!("{path}?code={}&{application}", encoded(&code));
    let (status, document) = get(&mut emulator, "GET", &uri, "");
    assert_eq!(status, 200, "{document}");
    let token = field(&document, "Token");
    assert_eq!(emulator.holder(&token, START), Some(SAMPLE_LOGIN_ID));
    assert_eq!(get(&mut emulator, "GET", &uri, "").0, 403, "it is spent");

    let refresh = encoded(&field(&document, "Refresh_Token"));
    let uri = format!("{path}?refresh_token={refresh}&{application}");
    for method in ["GET", "POST"] {
        let (status, document) = get(&mut emulator, method, &uri, "");
        assert_eq!(status, 200, "{document}");
        assert!(!document.contains("Refresh_Token"));
        assert_ne!(field(&document, "Token"), token);
    }
    for (wrong, status) in [
        (format!("{path}?{application}"), 400),
        (format!("{path}?code=x&{application}"), 403),
        (
            format!("{path}?code=x&client_id={SAMPLE_CONSUMER_KEY}"),
            400,
        ),
        (
            format!("{path}?code=x&client_id={SAMPLE_CONSUMER_KEY}&client_secret=no"),
            403,
        ),
    ] {
        assert_eq!(get(&mut emulator, "GET", &wrong, "").0, status, "{wrong}");
    }
}

#[test]
fn request_token_is_valid_for_fifteen_minutes() {
    let mut grants = Grants::default();
    let minutes = |minutes: u64| START + Duration::from_secs(minutes * 60);
    for (minute, good) in [(14, true), (15, false)] {
        grants.consent("code".to_owned(), "key", "jo", START);
        assert_eq!(grants.spend("key", "code", minutes(minute)).is_ok(), good);
    }
}

#[test]
fn administrator_revokes_and_no_other_user_does() {
    let mut emulator = Emulator::with_sample_account();
    emulator.add_user(User::new("admin@example.com", "x").administrator());
    let issue = |emulator: &mut Emulator, login_id| {
        let grant = emulator.grants.issue(SAMPLE_CONSUMER_KEY, login_id, START);
        grant.access_token.clone()
    };
    let admin = issue(&mut emulator, "admin@example.com");
    let (one, other) = (
        issue(&mut emulator, SAMPLE_LOGIN_ID),
        issue(&mut emulator, SAMPLE_LOGIN_ID),
    );
    let path = "/net2/oauth2/revoketoken.ashx";
    let revoke_one = format!("{path}?token={}", encoded(&one));
    let refused = get(&mut emulator, "POST", &revoke_one, &other);
    assert_eq!(refused.0, 403, "{}", refused.1);
    assert_eq!(get(&mut emulator, "POST", &revoke_one, "").0, 401);
    assert_eq!(
        get(&mut emulator, "POST", &revoke_one, &admin),
        (200, String::new())
    );
    assert_eq!(emulator.holder(&one, START), None);
    assert_eq!(emulator.holder(&other, START), Some(SAMPLE_LOGIN_ID));
    let user = "user=john_developer%40hotmail.com";
    let all = format!("{path}?client_id={SAMPLE_CONSUMER_KEY}&{user}");
    assert_eq!(get(&mut emulator, "POST", &all, &admin).0, 200);
    assert_eq!(emulator.holder(&other, START), None);
    let nobody = format!("{path}?consumerKey={SAMPLE_CONSUMER_KEY}&user=nobody");
    assert_eq!(get(&mut emulator, "POST", &nobody, &admin).0, 404);
    assert_eq!(get(&mut emulator, "POST", path, &admin).0, 400);
}

fn browse(emulator: &mut Emulator, method: &str, uri: &str, form: &str) -> Response<String> {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.as_bytes().to_vec())
        .unwrap();
    let response = emulator.respond(&request, START);
    response.map(|body| String::from_utf8(body).unwrap())
}

fn location(response: &Response<String>) -> &str {
    assert_eq!(response.status(), 302, "{}", response.body());
    response.headers()["location"].to_str().unwrap()
}

#[test]
fn user_signs_in_and_approves_or_denies() {
    let mut emulator = Emulator::with_sample_account();
    emulator.add_application(Application::new("named").with_name("Trips & <More>"));
    let back = "https%3A%2F%2Fapp.example%2Fback%3Fa%3Db";
    let uri = format!(
        "/net2/oauth2/Login.aspx?client_id=named&scope=EXPRPT%2CITINER&redirect_uri={back}&state=s%20%2B"
    );
    let page = browse(&mut emulator, "GET", &uri, "");
    assert_eq!(page.status(), 200);
    for part in [
        "<h1>Trips &amp; &lt;More&gt; asks for access</h1>",
        "<li>see and change your expense reports (<code>EXPRPT</code>)</li>",
        "<li>see and change your itineraries (<code>ITINER</code>)</li>",
        "The sample user is <code>john_developer@hotmail.com</code>",
        "This is not SAP Concur",
        "<label for=\"password\">",
        "<html lang=\"en\">",
    ] {
        assert!(page.body().contains(part), "{}", page.body());
    }
    let user = "login_id=john_developer%40hotmail.com&password=";
    let wrong = format!("{user}no&decision=approve");
    let page = browse(&mut emulator, "POST", &uri, &wrong);
    assert!(page.body().contains("role=\"alert\""), "{}", page.body());

    let approve = format!("{user}Travel%26Expense%242012&decision=approve");
    let approved = browse(&mut emulator, "POST", &uri, &approve);
    let location_of = location(&approved);
    let (start, rest) = location_of.split_once("code=").unwrap();
    assert_eq!(start, "https://app.example/back?a=b&");
    let (code, state) = rest.split_once('&').unwrap();
    assert_eq!(state, "state=s+%2B");
    let code = code
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    assert_eq!(
        emulator.grants.spend("named", &code, START),
        Ok(SAMPLE_LOGIN_ID.to_owned())
    );
    // Nothing is decided by a link alone.
    for decided in ["decision=deny", &approve] {
        let page = browse(&mut emulator, "GET", &format!("{uri}&{decided}"), "");
        assert_eq!(page.status(), 200, "{decided}");
    }
    // What tests do in place of a browser is the same.
    let approved = emulator.approve(&uri, SAMPLE_LOGIN_ID, START).unwrap();
    assert!(approved.starts_with("https://app.example/back?a=b&code="));
    assert_eq!(emulator.approve(&uri, "nobody", START), None);
    assert_eq!(
        emulator.approve("/net2/oauth2/Login.aspx", SAMPLE_LOGIN_ID, START),
        None
    );
    let denied = browse(&mut emulator, "POST", &uri, "decision=deny");
    assert_eq!(
        emulator.deny(&uri, START).as_deref(),
        Some(location(&denied))
    );
    assert_eq!(
        location(&denied),
        "https://app.example/back?a=b&error=access_denied\
         &error_description=User+denied+access&state=s+%2B"
    );
}

#[test]
fn link_that_cannot_work_says_why() {
    let mut emulator = Emulator::with_sample_account();
    let key = SAMPLE_CONSUMER_KEY;
    for (query, why) in [
        ("scope=A&redirect_uri=https://a/b".to_owned(), "not known"),
        (
            format!("client_id={key}&redirect_uri=https://a/b"),
            "asks for nothing",
        ),
        (
            format!("client_id={key}&scope=A&redirect_uri=/b"),
            "where to go back to",
        ),
    ] {
        let uri = format!("/net2/oauth2/Login.aspx?{query}");
        let page = browse(&mut emulator, "GET", &uri, "");
        assert_eq!(page.status(), 400);
        assert!(page.body().contains(why), "{}", page.body());
    }
}

#[test]
fn user_connects_in_the_app_center() {
    let mut emulator = Emulator::with_sample_account();
    let listed = Application::new("\"listed\"").with_app_center_uri("https://app.example/?a=b");
    emulator.add_application(listed);
    emulator.add_application("unlisted");
    let page = browse(&mut emulator, "GET", "/appcenter", "");
    let link = "<a href=\"/appcenter?client_id=%22listed%22\">Connect to &quot;listed&quot;</a>";
    assert!(page.body().contains(link), "{}", page.body());
    assert!(!page.body().contains("unlisted"));
    // A page for each: Enter connects to the one that was chosen.
    let uri = "/appcenter?client_id=%22listed%22";
    let page = browse(&mut emulator, "GET", uri, "");
    assert_eq!(page.body().matches("<button>").count(), 1);
    assert!(!page.body().contains("role=\"alert\"") && !page.body().contains("Loyalty"));
    let wrong = "login_id=%22jo%22&password=hunter2";
    let page = browse(&mut emulator, "POST", uri, wrong);
    for part in [
        "<title>Error: Connect to",
        "<p id=\"problem\" role=\"alert\">",
        "aria-describedby=\"problem\"",
        "value=\"&quot;jo&quot;\"",
    ] {
        assert!(page.body().contains(part), "{}", page.body());
    }
    assert!(!page.body().contains("hunter2"));
    let user = "login_id=john_developer%40hotmail.com&password=Travel%26Expense%242012";
    let connected = browse(&mut emulator, "POST", uri, user);
    let (start, code) = location(&connected).split_once("code=").unwrap();
    assert_eq!(start, "https://app.example/?a=b&");
    let code = code
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    assert!(emulator.grants.spend("\"listed\"", &code, START).is_ok());
}

/// One SDK sends them so.
#[test]
fn codes_and_refresh_tokens_in_a_form_are_accepted() {
    let mut emulator = Emulator::with_sample_account();
    let code = emulator.consent(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, START);
    let encoded = |text: &str| {
        let text = text.replace('+', "%2B");
        text.replace('/', "%2F").replace('=', "%3D")
    };
    let application =
        format!("client_id={SAMPLE_CONSUMER_KEY}&client_secret={SAMPLE_CONSUMER_SECRET}");
    let uri = "//net2/oauth2/getaccesstoken.ashx";
    let form = format!(
        "grant_type=authorization_code&code={}&{application}&redirect_uri=https%3A%2F%2Fapp.example%2F",
        encoded(&code)
    );
    let granted = browse(&mut emulator, "POST", uri, &form);
    assert_eq!(granted.status(), 200, "{}", granted.body());
    let document = roxmltree::Document::parse(granted.body()).unwrap();
    let refresh_token = document
        .descendants()
        .find(|node| node.has_tag_name("Refresh_Token"))
        .and_then(|node| node.text())
        .unwrap();
    let form = format!(
        "grant_type=refresh_token&refresh_token={}&{application}",
        encoded(refresh_token)
    );
    let renewed = browse(&mut emulator, "POST", uri, &form);
    assert_eq!(renewed.status(), 200, "{}", renewed.body());
    let spent = browse(
        &mut emulator,
        "POST",
        uri,
        &form.replace("refresh_token=", "code="),
    );
    assert_eq!(spent.status(), 403);
}
