//! The single calls: what is sent, and how responses are read.

mod pages;

use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::authorization::RequestToken;
use crate::base_url::BaseUrl;
use crate::document_warning::FieldProblem;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputField;
use crate::response::{BodyError, ResponseError};
use crate::token::{AccessToken, TokenParts, TokenScheme};

fn administrator() -> AccessToken {
    TokenParts::new(TokenScheme::OAuth, "administrator", BaseUrl::US_PRODUCTION).into()
}

fn context() -> ResponseContext {
    ResponseContext::new(BaseUrl::US_PRODUCTION, SystemTime::UNIX_EPOCH)
}

fn id(text: &str) -> ConnectionRequestId {
    ConnectionRequestId::new(text).unwrap()
}

fn parse<E: Exchange>(body: &str) -> Result<E::Output, ResponseError> {
    E::parse(http::Response::new(body.as_bytes()), &context())
}

fn list(body: &str) -> ConnectionRequests {
    parse::<ListConnectionRequests<'_>>(body).unwrap()
}

fn items(body: &str) -> Vec<ConnectionRequest> {
    let document = format!("<ConnectionRequests><Items>{body}</Items></ConnectionRequests>");
    Pages::new(Version::default(), Status::default()).accept(list(&document))
}

fn item(body: &str) -> ConnectionRequest {
    let mut items = items(&format!("<ConnectionRequest>{body}</ConnectionRequest>"));
    assert_eq!(items.len(), 1);
    items.remove(0)
}

#[test]
fn requests_are_what_concur_documents() {
    let administrator = administrator();
    let base = "https://www.concursolutions.com/api";
    let pages = Pages::new(Version::V3_0, Status::Pending);
    let list = pages.next_request(&administrator).unwrap().unwrap();
    let (seven, odd) = (id("7"), id("i d/7"));
    let report = |version| {
        let report = ReportConnection::new(&administrator, version, &odd, Outcome::Connected);
        report.into_request().unwrap()
    };
    let get = GetConnectionRequest::new(&administrator, &seven);
    let delete = DeleteConnectionRequest::new(&administrator, &seven);
    let create = CreateConnectionRequest::new(&administrator, "a+b@example.com").unwrap();
    assert!(list.is_resendable() && get.is_resendable() && delete.is_resendable());
    assert!(!create.is_resendable());
    for (request, method, path, body) in [
        (
            list.into_request().unwrap(),
            Method::GET,
            "/v3.0/common/connectionrequests?status=pending&limit=10",
            "",
        ),
        (
            report(Version::V3_1),
            Method::PUT,
            "/v3.1/common/connectionrequests/i%20d%2F7",
            "<ConnectionRequest><Status>CRSUC</Status></ConnectionRequest>",
        ),
        (
            report(Version::V3_2),
            Method::PUT,
            "/v3.2/common/connectionrequests/i%20d%2F7",
            "<ConnectionRequest><status>CRSUC</status></ConnectionRequest>",
        ),
        (
            get.into_request().unwrap(),
            Method::GET,
            "/v3.0/common/connectionrequests/7",
            "",
        ),
        (
            delete.into_request().unwrap(),
            Method::DELETE,
            "/v3.0/common/connectionrequests/7",
            "",
        ),
        (
            create.into_request().unwrap(),
            Method::POST,
            "/v3.0/common/connectionrequests?user=a%2Bb%40example.com",
            "",
        ),
    ] {
        assert_eq!(request.method(), method);
        assert_eq!(request.uri().to_string(), format!("{base}{path}"));
        assert_eq!(request.headers()["authorization"], "OAuth administrator");
        assert_eq!(request.headers()["accept"], "application/xml");
        assert_eq!(request.body().as_ref(), body.as_bytes());
        let typed = request.headers().get("content-type");
        assert_eq!(typed.is_some(), !body.is_empty());
    }
}

#[test]
fn ids_that_no_path_can_carry_are_refused() {
    for text in [
        "",
        ".",
        "..",
        "../x",
        "a/../b",
        "a\\..\\b",
        "a/.",
        "a\nb",
        &"x".repeat(8193),
    ] {
        let error = ConnectionRequestId::new(text).unwrap_err();
        assert_eq!(error.field(), InputField::CONNECTION_REQUEST_ID);
    }
    assert_eq!(id("a/..b/c...").as_str(), "a/..b/c...");
    let administrator = administrator();
    assert!(CreateConnectionRequest::new(&administrator, "").is_err());
    let seven = id("7");
    let report = ReportConnection::new(&administrator, Version::V3_0, &seven, Outcome::Retry);
    for message in ["", "a\nb", "\u{fffe}", &"x".repeat(8193)] {
        let error = report.with_message(message).unwrap_err();
        assert_eq!(error.field(), InputField::MESSAGE);
    }
}

#[test]
fn every_version_is_read() {
    let old = item(
        "\r\n <FirstName>Jo</FirstName><MiddleName i:nil=\"true\">none</MiddleName><LastName>O&apos;Hara</LastName>\
         <LoyaltyNumber> 007 </LoyaltyNumber><RequestToken>a+b/=</RequestToken><Status>Pending</Status>\
         <LastModified>2016-09-25T13:36:50</LastModified><ID>g7</ID><URI>https://x</URI>",
    );
    let new = item(
        "<firstName>Jo</firstName><middleName/><lastName>O'Hara</lastName><loyaltyNumber>007</loyaltyNumber>\
         <requestToken>a+b/=</requestToken><status>Pending</status><userId>u</userId>\
         <lastModified>2016-09-25T13:36:50</lastModified><ID>g7</ID>\
         <emailAddresses><email1>jo@example.com</email1><email2/><email3>j@example.com</email3></emailAddresses>",
    );
    for request in [&old, &new] {
        assert_eq!(request.id(), Some(&id("g7")));
        let token = request.request_token().unwrap().secret().expose_secret();
        assert_eq!(token, "a+b/=");
        assert_eq!(request.status(), Some("Pending"));
        assert_eq!(request.loyalty_number(), Some("007"));
        assert_eq!(request.first_name(), Some("Jo"));
        assert_eq!(request.middle_name(), None);
        assert_eq!(request.last_name(), Some("O'Hara"));
        let shown = format!("{request:?}");
        for hidden in ["a+b/=", "Jo", "Hara", "007", "example"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
    assert_eq!(old.user_id(), None);
    assert_eq!(new.user_id(), Some("u"));
    assert_eq!(old.email_addresses().count(), 0);
    let emails: Vec<_> = new.email_addresses().collect();
    assert_eq!(emails, ["jo@example.com", "j@example.com"]);
}

#[test]
fn request_token_expires_after_fifteen_minutes() {
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610);
    let request = item("<LastModified>2016-09-25T13:36:50</LastModified>");
    assert_eq!(request.last_modified(), Some(modified));
    let left = |after| request.request_token_time_left_at(modified + Duration::from_secs(after));
    assert_eq!(left(0), Some(RequestToken::LIFETIME));
    assert_eq!(left(899), Some(Duration::from_secs(1)));
    assert_eq!(left(900), Some(Duration::ZERO));
    assert_eq!(request.is_request_token_expired_at(modified), Some(false));
    assert_eq!(
        request.is_request_token_expired_at(modified + RequestToken::LIFETIME),
        Some(true)
    );
    let unknown = item("<LastModified>yesterday</LastModified>");
    assert_eq!(unknown.last_modified(), None);
    let found = problems(&unknown);
    assert!(
        found.contains(&("LastModified", FieldProblem::Unreadable)),
        "{found:?}"
    );
    assert_eq!(unknown.is_request_token_expired_at(modified), None);
}

fn problems(request: &ConnectionRequest) -> Vec<(&str, FieldProblem)> {
    let warnings = request.warnings().iter();
    warnings
        .map(|warning| (warning.field(), warning.problem().clone()))
        .collect()
}

#[test]
fn missing_repeated_and_unusable_fields_are_warnings() {
    let request = item(
        "<ID>1</ID><ID>2</ID><RequestToken><b/></RequestToken>\
        <LoyaltyNumber>1</LoyaltyNumber><loyaltyNumber>2</loyaltyNumber>",
    );
    assert!(request.id().is_none() && request.request_token().is_none());
    assert_eq!(
        problems(&request),
        [
            ("ID", FieldProblem::Repeated),
            ("RequestToken", FieldProblem::Unreadable)
        ]
    );
    // Two numbers are none.
    assert_eq!(request.loyalty_number(), None);
    assert_eq!(
        problems(&item("")),
        [
            ("ID", FieldProblem::Missing),
            ("RequestToken", FieldProblem::Missing)
        ]
    );
    let odd = item("<ID>..</ID><RequestToken>r</RequestToken>");
    assert_eq!(problems(&odd), [("ID", FieldProblem::Unreadable)]);
}

#[test]
fn fields_outside_their_place_are_ignored() {
    // Neither outside of Items, nor deeper, nor in another request.
    let document = "<x:ConnectionRequests xmlns:x=\"y\"><ConnectionRequest><ID>0</ID></ConnectionRequest>\
        <Items><Other><ConnectionRequest><ID>0</ID></ConnectionRequest></Other>\
        <ConnectionRequest><Extra><ID>0</ID></Extra><ID>1</ID><NextPage>x</NextPage></ConnectionRequest>\
        <ConnectionRequest><FirstName>Jo</FirstName></ConnectionRequest></Items>\
        <Items><ConnectionRequest><ID>3</ID></ConnectionRequest></Items><NextPage i:nil='true'/>\
        </x:ConnectionRequests>";
    let page = list(document);
    assert_eq!(page.next, Ok(None));
    let ids = page.requests.iter().map(|request| request.id());
    let ids: Vec<_> = ids.map(|id| id.map(ConnectionRequestId::as_str)).collect();
    assert_eq!(ids, [Some("1"), None, Some("3")]);
    assert!(page.requests[0].first_name().is_none());
    assert!(items("").is_empty());
}

#[test]
fn other_documents_are_named() {
    let unreadable = |body: &str| match parse::<ListConnectionRequests<'_>>(body).unwrap_err() {
        ResponseError::Unreadable { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(unreadable("<ConnectionRequest/>"), BodyError::OtherDocument);
    assert_eq!(unreadable("<html/>"), BodyError::Html);
    assert_eq!(unreadable(""), BodyError::Empty);
    assert!(matches!(
        parse::<ListConnectionRequests<'_>>("<Error><Message>m</Message></Error>").unwrap_err(),
        ResponseError::Refused(_)
    ));
    let one = "<ConnectionRequest><ID>7</ID></ConnectionRequest>";
    assert_eq!(
        parse::<GetConnectionRequest<'_>>(one).unwrap().id(),
        Some(&id("7"))
    );
    assert!(parse::<GetConnectionRequest<'_>>("<ConnectionRequests/>").is_err());
}

#[test]
fn created_connection_request_has_an_id() {
    let create = parse::<CreateConnectionRequest<'_>>;
    for document in [
        "<ConnectionRequest><ID>7</ID><URI>u</URI></ConnectionRequest>",
        "<Response><Id>7</Id></Response>",
    ] {
        assert_eq!(create(document).unwrap(), "7");
    }
    for document in ["<R/>", "<R><ID/></R>", "<R><ID>1</ID><ID>2</ID></R>"] {
        let error = create(document).unwrap_err();
        assert!(matches!(
            error,
            ResponseError::Unreadable {
                reason: BodyError::NoId,
                ..
            }
        ));
    }
    assert!(matches!(
        create("<Error><Message>m</Message><Id>7</Id></Error>").unwrap_err(),
        ResponseError::Refused(_)
    ));
}

#[test]
fn report_is_done_or_refused() {
    let parse = |status| {
        let mut response = http::Response::new(&b""[..]);
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        ReportConnection::parse(response, &context())
    };
    assert!(parse(200).is_ok() && parse(204).is_ok());
    assert!(parse(403).is_err() && parse(302).is_err());
    let codes: Vec<_> = Outcome::DOCUMENTED
        .iter()
        .map(|outcome| outcome.code())
        .collect();
    assert_eq!(
        codes,
        [
            "CRSUC", "CREU1", "CREU2", "CREU3", "CRPA1", "CRPA2", "CRRET"
        ]
    );
}

proptest! {
    /// A message is read as it was written.
    #[test]
    fn message_is_read_as_written(text in "[^\\p{Cc}\u{fffe}\u{ffff}]{1,40}") {
        let administrator = administrator();
        for (version, name) in [(Version::V3_1, "Message"), (Version::V3_2, "message")] {
            let seven = id("7");
            let report = ReportConnection::new(&administrator, version, &seven, Outcome::Retry);
            let report = report.with_message(&text).unwrap();
            let request = report.into_request().unwrap();
            let mut found = None;
            crate::wire::xml::read_fields(request.body().as_ref(), |part| if let crate::wire::xml::Part::Field(field, value) = part {
                if let (true, crate::wire::xml::Value::Text(value)) = (field == name, value) {
                    found = Some(value.into_owned());
                }
            }).unwrap();
            prop_assert_eq!(found.as_deref(), Some(text.as_str()));
        }
    }

    /// Texts about a user are read as they were written.
    #[test]
    fn text_is_read_as_written(text in "[^\\p{Cc}\u{fffe}\u{ffff}]{0,40}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let request = item(&format!("<lastName>{escaped}</lastName><requestToken>{escaped}</requestToken>"));
        let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
        let expected = (!trimmed.is_empty()).then_some(trimmed);
        prop_assert_eq!(request.last_name(), expected);
        let token = request.request_token().map(|token| token.secret().expose_secret());
        prop_assert_eq!(token, expected);
    }

    #[test]
    fn any_id_is_one_segment(id in "[^\\p{Cc}]{1,40}") {
        let administrator = administrator();
        if let Ok(id) = ConnectionRequestId::new(id.as_str()) {
            let get = GetConnectionRequest::new(&administrator, &id);
            let request = get.into_request().unwrap();
            let path = request.uri().path().to_owned();
            prop_assert_eq!(path.matches('/').count(), 5);
            prop_assert!(request.uri().query().is_none());
        } else {
            prop_assert!(id.split(['/', '\\']).any(|part| [".", ".."].contains(&part)));
        }
    }
}
