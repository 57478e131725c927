use std::time::{Duration, SystemTime};

use http::{Request, Response};
use serde_json::Value;

use super::*;
use crate::sample::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_COMPANY_ID, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD,
    SAMPLE_REDIRECT_URI,
};
use crate::state::v0::{Company, DataCenter, Rotation, User};

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn emulator() -> Emulator {
    let mut emulator = Emulator::with_sample_account();
    let center = |name: &str, port: u16| DataCenter {
        name: name.to_owned(),
        url: format!("https://localhost:{port}"),
    };
    emulator.v0.data_centers = vec![center("glz", 1), center("us2", 2), center("eu2", 3)];
    let other = crate::state::v0::Application::new("other", "secret");
    emulator.v0.add_application(other.with_grants(["password"]));
    emulator
        .v0
        .add_application(crate::state::v0::Application::new("disabled", "secret").disabled());
    emulator.v0.add_application(
        crate::state::v0::Application::new("not here", "secret").disabled_for(SAMPLE_COMPANY_ID),
    );
    emulator
        .v0
        .add_user(User::new("far@example.com", "x").in_data_center("eu2"));
    emulator
        .v0
        .add_user(User::new("locked@example.com", "x").refused_with(14));
    emulator
        .v0
        .add_company(Company::new("far").in_data_center("eu2"));
    emulator
}

fn post(emulator: &mut Emulator, port: u16, path: &str, form: &str) -> Response<Vec<u8>> {
    let request = Request::post(path)
        .header(HOST, format!("localhost:{port}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.as_bytes().to_vec())
        .unwrap();
    emulator.respond(&request, NOW)
}

fn body(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// Sends a form of the sample application to the token endpoint, and returns the body.
fn token(emulator: &mut Emulator, form: &str) -> Value {
    let form = format!("client_id={SAMPLE_CLIENT_ID}&client_secret={SAMPLE_CLIENT_SECRET}&{form}");
    body(&post(emulator, 1, "/oauth2/v0/token", &form))
}

fn code_of(emulator: &mut Emulator, form: &str) -> u64 {
    token(emulator, form)["code"].as_u64().unwrap_or(200)
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn documented_codes_come_in_their_order() {
    let mut emulator = emulator();
    let id = format!("client_id={SAMPLE_CLIENT_ID}");
    let both = format!("{id}&client_secret={SAMPLE_CLIENT_SECRET}");
    let foreign = emulator
        .v0()
        .make_request_token("other", SAMPLE_COMPANY_ID, NOW);
    let not_here = emulator
        .v0()
        .make_request_token("not here", SAMPLE_COMPANY_ID, NOW);
    let far = emulator
        .v0()
        .make_request_token(SAMPLE_CLIENT_ID, "far", NOW);
    for (port, form, code) in [
        (1, String::new(), 62),
        (1, "client_id=x".to_owned(), 63),
        (1, "client_id=x&client_secret=x".to_owned(), 65),
        (1, "client_id=x&client_secret=x&grant_type=x".to_owned(), 61),
        (1, format!("{id}&client_secret=x&grant_type=x"), 64),
        (
            1,
            "client_id=disabled&client_secret=secret&grant_type=x".to_owned(),
            59,
        ),
        (1, format!("{both}&grant_type=x"), 60),
        (
            1,
            "client_id=other&client_secret=secret&grant_type=otp".to_owned(),
            60,
        ),
        (
            1,
            "client_id=other&client_secret=secret&grant_type=refresh_token".to_owned(),
            107,
        ),
        (1, format!("{both}&grant_type=password"), 51),
        (1, format!("{both}&grant_type=password&username=x"), 52),
        (1, format!("{id}&client_secret="), 63),
        (1, format!("{both}&grant_type="), 65),
        (1, format!("{both}&grant_type=password&username="), 51),
        (
            1,
            format!("{both}&grant_type=password&username=x&password=x"),
            5,
        ),
        (
            1,
            format!("{both}&grant_type=password&username={SAMPLE_LOGIN_ID}&password=x"),
            5,
        ),
        (
            1,
            format!("{both}&grant_type=password&username=x&password=x&credtype=x"),
            120,
        ),
        (
            1,
            format!("{both}&grant_type=password&username=far@example.com&password=x"),
            16,
        ),
        (
            2,
            format!("{both}&grant_type=password&username=far@example.com&password=x"),
            16,
        ),
        (
            1,
            format!("{both}&grant_type=password&username=locked@example.com&password=x"),
            14,
        ),
        (
            1,
            format!("{both}&grant_type=password&username={SAMPLE_COMPANY_ID}&password={foreign}"),
            5,
        ),
        (
            1,
            format!(
                "{both}&grant_type=password&username={SAMPLE_COMPANY_ID}&password={foreign}&credtype=authtoken"
            ),
            136,
        ),
        (
            1,
            format!(
                "{both}&grant_type=password&username={SAMPLE_COMPANY_ID}&password={far}&credtype=authtoken"
            ),
            5,
        ),
        (
            2,
            format!("{both}&grant_type=password&username=far&password={far}&credtype=authtoken"),
            16,
        ),
        (
            1,
            format!(
                "client_id=not+here&client_secret=secret&grant_type=password&username={SAMPLE_COMPANY_ID}&password={not_here}&credtype=authtoken"
            ),
            53,
        ),
        (
            1,
            format!("{both}&grant_type=client_credentials&scope=other"),
            54,
        ),
        (1, format!("{both}&grant_type=authorization_code"), 101),
        (
            1,
            format!("{both}&grant_type=authorization_code&code=x"),
            102,
        ),
        (
            1,
            format!("{both}&grant_type=authorization_code&code=x&redirect_uri=x"),
            103,
        ),
        (1, format!("{both}&grant_type=otp"), 56),
        (1, format!("{both}&grant_type=otp&otp=x"), 57),
        (
            1,
            format!("{both}&grant_type=otp&otp=x&channel_type=email"),
            58,
        ),
        (
            1,
            format!("{both}&grant_type=otp&otp=x&channel_type=sms&channel_handle=x"),
            80,
        ),
        (
            1,
            format!("{both}&grant_type=otp&otp=x&channel_type=email&channel_handle=x"),
            81,
        ),
        (
            1,
            format!("{both}&grant_type=otp&otp=x&channel_type=email&channel_handle=a@b"),
            55,
        ),
        (
            1,
            format!(
                "{both}&grant_type=otp&otp=x&channel_type=email&channel_handle={SAMPLE_LOGIN_ID}"
            ),
            83,
        ),
        (1, format!("{both}&grant_type=refresh_token"), 106),
        (
            1,
            format!("{both}&grant_type=refresh_token&refresh_token=x"),
            108,
        ),
    ] {
        let response = post(&mut emulator, port, "/oauth2/v0/token", &form);
        let body = body(&response);
        assert_eq!(body["code"], code, "{form}");
        assert_ne!(response.status(), 200);
        let names = [
            "error",
            "concur-correlationid",
            "error_description",
            "geolocation",
        ];
        assert!(names.iter().all(|name| body[name].is_string()), "{body}");
    }
    emulator.v0().fail_with(134);
    assert_eq!(code_of(&mut emulator, "grant_type=client_credentials"), 134);
    assert_eq!(code_of(&mut emulator, "grant_type=client_credentials"), 200);
}

#[test]
fn only_forms_are_accepted_and_strict_service_takes_no_charset_and_no_query() {
    let mut emulator = emulator();
    let form = format!(
        "client_id={SAMPLE_CLIENT_ID}&client_secret={SAMPLE_CLIENT_SECRET}&grant_type=client_credentials"
    );
    let form_type = "application/x-www-form-urlencoded";
    let with_charset = format!("{form_type}; charset=utf-8");
    for (path, media_type, chunked, loose, strict) in [
        ("/oauth2/v0/token", form_type, false, true, true),
        ("/oauth2/v0/token", &with_charset, false, true, false),
        ("/oauth2/v0/token?a=b", form_type, false, true, false),
        ("/oauth2/v0/token", "application/json", false, false, false),
        ("/oauth2/v0/token", form_type, true, false, false),
    ] {
        for (is_strict, is_ok) in [(false, loose), (true, strict)] {
            emulator.v0().set_strict(is_strict);
            let mut request = Request::post(path).header(CONTENT_TYPE, media_type);
            if chunked {
                request = request.header(TRANSFER_ENCODING, "chunked");
            }
            let request = request.body(form.clone().into_bytes()).unwrap();
            let body = body(&emulator.respond(&request, NOW));
            let code = body["code"].as_u64();
            assert_eq!(code, (!is_ok).then_some(135), "{path} {media_type}");
        }
    }
}

#[test]
fn request_token_is_valid_five_times_for_a_day() {
    let mut emulator = emulator();
    let token = emulator
        .v0()
        .make_request_token(SAMPLE_CLIENT_ID, SAMPLE_COMPANY_ID, NOW);
    let form = format!(
        "grant_type=password&credtype=authtoken&username={SAMPLE_COMPANY_ID}&password={token}"
    );
    for expected in [200, 200, 200, 200, 200, 5] {
        assert_eq!(code_of(&mut emulator, &form), expected);
    }
    let token = emulator.v0().make_request_token(
        SAMPLE_CLIENT_ID,
        SAMPLE_COMPANY_ID,
        NOW - Duration::from_secs(86_400),
    );
    let form = format!(
        "grant_type=password&credtype=authtoken&username={SAMPLE_COMPANY_ID}&password={token}"
    );
    assert_eq!(code_of(&mut emulator, &form), 5);
}

#[test]
fn rotation_keeps_or_kills_old_refresh_tokens() {
    let mut emulator = emulator();
    let sign_in = format!(
        "grant_type=password&username={SAMPLE_LOGIN_ID}&password={}",
        SAMPLE_PASSWORD.replace('&', "%26")
    );
    for (rotation, is_new, old_works, new_works) in [
        (Rotation::Same, false, true, true),
        (Rotation::KeepOld, true, true, true),
        (Rotation::KeepLastTwo, true, true, true),
        (Rotation::RefuseOld, true, false, true),
        (Rotation::KillOld, true, false, false),
    ] {
        emulator.v0().set_rotation(rotation);
        let old = token(&mut emulator, &sign_in)["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();
        let refresh = |token: &str| format!("grant_type=refresh_token&refresh_token={token}");
        let new = token(&mut emulator, &refresh(&old));
        let new = new["refresh_token"].as_str().unwrap().to_owned();
        assert_eq!(new != old, is_new, "{rotation:?}");
        let expected = |works| if works { 200 } else { 108 };
        assert_eq!(
            code_of(&mut emulator, &refresh(&old)),
            expected(old_works),
            "{rotation:?}"
        );
        // Reuse of an old one can end the new one too.
        assert_eq!(
            code_of(&mut emulator, &refresh(&new)),
            expected(new_works),
            "{rotation:?}"
        );
        // By now there are two later ones.
        let works = matches!(rotation, Rotation::Same | Rotation::KeepOld);
        let oldest = code_of(&mut emulator, &refresh(&old));
        assert_eq!(oldest, expected(works), "{rotation:?}");
    }
}

#[test]
fn documented_form_has_a_text_and_no_end_of_the_refresh_token() {
    let mut emulator = emulator();
    let token_of = |emulator: &mut Emulator| {
        let request_token = emulator
            .v0()
            .make_request_token(SAMPLE_CLIENT_ID, "far", NOW);
        token(
            emulator,
            &format!(
                "grant_type=password&credtype=authtoken&username=far&password={request_token}"
            ),
        )
    };
    let observed = token_of(&mut emulator);
    assert_eq!(observed["expires_in"], 3600);
    assert_eq!(observed["refresh_expires_in"], 15_552_000);
    assert_eq!(observed["geolocation"], "https://localhost:3");
    assert!(observed["id_token"].is_string());
    emulator.v0().set_documented_form(true);
    let documented = token_of(&mut emulator);
    assert_eq!(documented["expires_in"], "3600");
    assert!(documented["refresh_expires_in"].is_null());
}

#[test]
fn code_is_for_its_application_and_redirect_uri_once() {
    let mut emulator = emulator();
    let url = format!(
        "/oauth2/v0/authorize?client_id={SAMPLE_CLIENT_ID}&redirect_uri={SAMPLE_REDIRECT_URI}&response_type=code&state=s"
    );
    let code = |emulator: &mut Emulator| {
        let back = emulator.approve(&url, SAMPLE_LOGIN_ID, NOW).unwrap();
        assert!(
            back.starts_with(SAMPLE_REDIRECT_URI) && back.ends_with("&state=s"),
            "{back}"
        );
        let code = back.split("code=").nth(1).unwrap();
        code.split('&').next().unwrap().to_owned()
    };
    let exchange = |code: &str, uri: &str| {
        format!("grant_type=authorization_code&code={code}&redirect_uri={uri}")
    };
    let first = code(&mut emulator);
    assert_eq!(
        code_of(&mut emulator, &exchange(&first, "https://other")),
        104
    );
    assert_eq!(
        code_of(&mut emulator, &exchange(&first, SAMPLE_REDIRECT_URI)),
        103
    );
    let second = code(&mut emulator);
    assert_eq!(
        code_of(&mut emulator, &exchange(&second, SAMPLE_REDIRECT_URI)),
        200
    );
    assert_eq!(
        code_of(&mut emulator, &exchange(&second, SAMPLE_REDIRECT_URI)),
        103
    );
    let denied = emulator.deny(&url, NOW).unwrap();
    assert!(
        denied.contains("error_code=user_denied&error_description=The+user+denied"),
        "{denied}"
    );
    for bad in [
        url.replace(SAMPLE_CLIENT_ID, "x"),
        url.replace("redirect_uri=", "redirect_uri=x"),
        url.replace("response_type=code", "response_type=token"),
        format!("{url}&scope=other"),
    ] {
        assert!(
            emulator.approve(&bad, SAMPLE_LOGIN_ID, NOW).is_none(),
            "{bad}"
        );
    }
}

#[test]
fn at_most_three_one_time_passwords_are_open_and_facts_are_compared() {
    let mut emulator = emulator();
    let send = |emulator: &mut Emulator, facts: &str| {
        let form = format!(
            "client_id={SAMPLE_CLIENT_ID}&client_secret={SAMPLE_CLIENT_SECRET}&channel_type=email&channel_handle={SAMPLE_LOGIN_ID}&{facts}"
        );
        body(&post(emulator, 1, "/oauth2/v0/otp", &form))
    };
    let response = send(
        &mut emulator,
        "name=Jo&mine=1&link=https://app.example/auth",
    );
    assert_eq!(response["message"], "otp sent");
    let otp = emulator
        .v0()
        .one_time_password(SAMPLE_LOGIN_ID)
        .unwrap()
        .to_owned();
    let link = emulator.v0().mailed_link(SAMPLE_LOGIN_ID).unwrap();
    assert_eq!(link, format!("https://app.example/auth?token={otp}"));
    emulator.v0().set_documented_form(true);
    let link = emulator.v0().mailed_link(SAMPLE_LOGIN_ID).unwrap();
    assert_eq!(link, format!("https://app.example/auth&token={otp}"));
    let exchange = |facts: &str| {
        format!(
            "grant_type=otp&otp={otp}&channel_type=email&channel_handle={SAMPLE_LOGIN_ID}&{facts}"
        )
    };
    assert_eq!(code_of(&mut emulator, &exchange("mine=2")), 84);
    assert_eq!(code_of(&mut emulator, &exchange("name=Jo")), 84);
    emulator.v0().set_strict(true);
    assert_eq!(code_of(&mut emulator, &exchange("mine=1&name=Jo")), 84);
    emulator.v0().set_strict(false);
    assert_eq!(code_of(&mut emulator, &exchange("mine=1")), 200);
    assert_eq!(code_of(&mut emulator, &exchange("mine=1")), 83);
    for _ in 0..3 {
        assert_eq!(send(&mut emulator, "")["message"], "otp sent");
    }
    assert_eq!(send(&mut emulator, "")["code"], 82);
}

#[test]
fn scope_of_a_refresh_is_never_wider_and_commas_divide_nothing() {
    let mut emulator = emulator();
    let password = SAMPLE_PASSWORD.replace('&', "%26");
    let sign_in =
        format!("grant_type=password&username={SAMPLE_LOGIN_ID}&password={password}&scope=openid");
    let granted = token(&mut emulator, &sign_in);
    let refresh_token = granted["refresh_token"].as_str().unwrap().to_owned();
    let refresh = |scope: &str| {
        format!("grant_type=refresh_token&refresh_token={refresh_token}&scope={scope}")
    };
    assert_eq!(code_of(&mut emulator, &refresh("openid+user.read")), 54);
    assert_eq!(code_of(&mut emulator, &refresh("openid")), 200);
    let sign_in = sign_in.replace("scope=openid", "scope=openid,user.read");
    assert_eq!(code_of(&mut emulator, &sign_in), 54);
    // A wrong request token beside a wrong scope is a wrong request token.
    let wrong = format!(
        "grant_type=password&credtype=authtoken&username={SAMPLE_COMPANY_ID}&password=x&scope=x"
    );
    assert_eq!(code_of(&mut emulator, &wrong), 5);
    // The page of a disabled application sends the browser back with nothing.
    emulator.v0.applications[0].is_enabled = false;
    let url = format!(
        "/oauth2/v0/authorize?client_id={SAMPLE_CLIENT_ID}&redirect_uri={SAMPLE_REDIRECT_URI}&response_type=code"
    );
    let back = emulator.approve(&url, SAMPLE_LOGIN_ID, NOW).unwrap();
    assert!(back.ends_with("?error_code=&error_description="), "{back}");
}
