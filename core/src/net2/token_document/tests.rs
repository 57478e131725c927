use std::time::{Duration, SystemTime};

use http::StatusCode;
use secrecy::ExposeSecret;

use super::*;
use crate::wire::xml::XmlErrorKind;

const SAMPLE: &str = "<Access_Token>\r
  <Instance_Url>https://www.concursolutions.com/</Instance_Url>\r
  <Token>q962LLopjMgTOeTn3fRN+5uABCg=</Token>\r
  <Expiration_date>9/25/2016 1:36:50 PM</Expiration_date>\r
  <Refresh_Token>AXvRqWeb77Lq9F2WK6TXLCSTuxpwZO6</Refresh_Token>\r
</Access_Token>\r
";

fn respond(status: u16, content_type: &str, body: &[u8]) -> Result<AccessToken, ResponseError> {
    let response = http::Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body)
        .unwrap();
    parse(&response, &context(BaseUrl::US_PRODUCTION))
}

fn context(asked: BaseUrl) -> ResponseContext {
    ResponseContext::new(asked, SystemTime::UNIX_EPOCH)
}

fn ok(body: &str) -> AccessToken {
    respond(200, "application/xml", body.as_bytes()).expect(body)
}

fn body_error(body: &[u8]) -> BodyError {
    match respond(200, "application/xml", body).unwrap_err() {
        ResponseError::Unreadable { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn documented_sample_is_read() {
    let token = ok(SAMPLE);
    assert_eq!(
        token.token().expose_secret(),
        "q962LLopjMgTOeTn3fRN+5uABCg="
    );
    assert_eq!(
        token.refresh_token().unwrap().expose_secret(),
        "AXvRqWeb77Lq9F2WK6TXLCSTuxpwZO6"
    );
    assert_eq!(token.base_url(), &BaseUrl::US_PRODUCTION);
    assert!(token.warnings().is_empty());
    let expires_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610);
    assert_eq!(token.expires_at(), Some(expires_at));

    let second = Duration::from_secs(1);
    assert_eq!(token.is_expired_at(expires_at - second), Some(false));
    assert_eq!(token.is_expired_at(expires_at), Some(true));
    assert_eq!(token.time_left_at(expires_at - second), Some(second));
    assert_eq!(
        token.time_left_at(expires_at + second),
        Some(Duration::ZERO)
    );

    let again = AccessToken::from(token.into_parts());
    assert_eq!(again.expires_at(), Some(expires_at));
    assert_eq!(
        again.token().expose_secret(),
        "q962LLopjMgTOeTn3fRN+5uABCg="
    );
}

#[test]
fn older_document_has_only_token_and_expiry() {
    let token = ok("<?xml version=\"1.0\"?><Access_Token><Token>t</Token>\
         <Expiration_date>6/1/2014 8:00:00 AM</Expiration_date></Access_Token>");
    assert_eq!(token.base_url(), &BaseUrl::US_PRODUCTION);
    assert!(token.refresh_token().is_none());
    assert!(token.expires_at().is_some());
    assert!(token.warnings().is_empty());
}

#[test]
fn names_vary_in_case_and_prefix_and_values_in_form() {
    let token = ok(
        "<c:ACCESS_TOKEN xmlns:c='x'><c:token>\n  a&amp;b<![CDATA[<c>]]><!-- -->&#x3d;\n</c:token>\
         <Instance_URL>https://eu1.concursolutions.com</Instance_URL>\
         <Expiration_Date i:nil='true' xmlns:i='y'/><Refresh_Token/><New>1</New></c:ACCESS_TOKEN>",
    );
    assert_eq!(token.token().expose_secret(), "a&b<c>=");
    assert_eq!(token.base_url(), &BaseUrl::EU_PRODUCTION);
    assert_eq!(token.expires_at(), None);
    assert_eq!(token.is_expired_at(SystemTime::UNIX_EPOCH), None);
    assert!(token.refresh_token().is_none());
}

/// What a token's document was wrong about, and that nothing else of it was lost.
fn warnings(token: &AccessToken) -> Vec<(&str, FieldProblem)> {
    assert_eq!(token.token().expose_secret(), "t");
    let warnings = token.warnings().iter();
    warnings
        .map(|warning| (warning.field(), warning.problem().clone()))
        .collect()
}

#[test]
fn unusable_side_field_is_a_warning_and_never_costs_the_token() {
    for (field, expected) in [
        ("<F>x</F>", FieldProblem::Unreadable),
        ("<F><b/></F>", FieldProblem::Unreadable),
        ("<F/><F/>", FieldProblem::Repeated),
        ("<F>x</F><F>x</F><F>x</F>", FieldProblem::Repeated),
    ] {
        for name in ["Expiration_date", "Instance_Url"] {
            let fields = field.replace('F', name);
            let token = ok(&format!(
                "<Access_Token>{fields}<Token>t</Token></Access_Token>"
            ));
            assert_eq!(warnings(&token), [(name, expected.clone())]);
            assert_eq!(token.expires_at(), None);
            assert_eq!(token.into_parts().base_url, BaseUrl::US_PRODUCTION);
        }
    }
    let doubled = ok(
        "<Access_Token><Token>t</Token><Refresh_Token>a</Refresh_Token>\
         <Refresh_Token>b</Refresh_Token></Access_Token>",
    );
    assert!(doubled.refresh_token().is_none());
    assert_eq!(
        warnings(&doubled),
        [("Refresh_Token", FieldProblem::Repeated)]
    );
    assert_eq!(
        doubled.warnings()[0].to_string(),
        "Refresh_Token is given more than once"
    );
}

#[test]
fn foreign_instance_url_is_reported_and_not_used() {
    for (url, named) in [
        ("https://evil.example/", Some("https://evil.example")),
        (
            "https://www.concursolutions.com:8443/",
            Some("https://www.concursolutions.com:8443"),
        ),
        ("https://192.0.2.1/", Some("https://192.0.2.1")),
        ("https://[2001:db8::1]/", Some("https://[2001:db8::1]")),
        ("http://localhost:8080/", Some("http://localhost:8080")),
        ("http://www.concursolutions.com/", None),
    ] {
        let token = ok(&format!(
            "<Access_Token><Token>t</Token><Instance_Url>{url}</Instance_Url></Access_Token>"
        ));
        assert_eq!(token.base_url(), &BaseUrl::US_PRODUCTION, "{url}");
        let named = named.map(|url| url.parse().unwrap());
        assert_eq!(
            warnings(&token),
            [("Instance_Url", FieldProblem::Foreign(named))]
        );
    }
    for url in ["https://a@evil.example", "nonsense"] {
        let token = ok(&format!(
            "<Access_Token><Token>t</Token><Instance_Url>{url}</Instance_Url></Access_Token>"
        ));
        let expected = [("Instance_Url", FieldProblem::Unreadable)];
        assert_eq!(warnings(&token), expected);
    }
}

#[test]
fn instance_url_inside_the_trust_domain_is_used_without_its_path() {
    let body = "<Access_Token><Token>t</Token>\
                <Instance_Url>https://eu1.concursolutions.com/a/</Instance_Url></Access_Token>";
    assert_eq!(ok(body).base_url(), &BaseUrl::EU_PRODUCTION);
    let local: BaseUrl = "http://localhost:8080".parse().unwrap();
    let body = body.replace("https://eu1.concursolutions.com/a/", "http://127.0.0.1:1/");
    let token = parse(&http::Response::new(body.as_bytes()), &context(local)).unwrap();
    assert_eq!(token.base_url().to_string(), "http://127.0.0.1:1");
}

#[test]
fn other_document_says_what_it_is() {
    use BodyError as U;
    for (body, expected) in [
        ("", U::Empty),
        (" \r\n", U::Empty),
        ("<Access_Token/>", U::NoToken),
        (
            "<Access_Token><Token><b/></Token></Access_Token>",
            U::NoToken,
        ),
        (
            "<Access_Token><a><Token>t</Token></a></Access_Token>",
            U::NoToken,
        ),
        ("<Access_Token><Token/></Access_Token>", U::EmptyToken),
        (
            "<Access_Token><Token> \n </Token></Access_Token>",
            U::EmptyToken,
        ),
        (
            "<Access_Token><Token>a</Token><Token>a</Token></Access_Token>",
            U::RepeatedToken,
        ),
        (
            "<Access_Token><Token>a</Token><token/></Access_Token>",
            U::RepeatedToken,
        ),
        ("<Token>t</Token>", U::OtherDocument),
        ("<ConnectionRequests/>", U::OtherDocument),
        ("<!DOCTYPE html><html></html>", U::Html),
        ("\n<HTML><body>", U::Html),
        ("<!-- maintenance --><html/>", U::Html),
        ("<htmlx/>", U::OtherDocument),
        ("{\"Access_Token\":{}}", U::NotXml),
        ("Service Unavailable", U::NotXml),
    ] {
        assert_eq!(body_error(body.as_bytes()), expected, "{body}");
    }
    for (body, kind) in [
        (&SAMPLE[..90], XmlErrorKind::Truncated),
        ("<!DOCTYPE a><Access_Token/>", XmlErrorKind::Doctype),
        (
            "<Access_Token><Token>a</Token></Access_Token><Access_Token/>",
            XmlErrorKind::Root,
        ),
    ] {
        match body_error(body.as_bytes()) {
            U::Xml(error) => assert_eq!(error.kind(), kind, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
    let oversized = SAMPLE.replace("<Token>", &format!("<!--{}--><Token>", " ".repeat(65_536)));
    assert_eq!(body_error(oversized.as_bytes()), U::TooLarge);
    assert!(matches!(body_error(b"<Access_Token>\xff"), U::Xml(_)));
    let utf_16 = b"\xff\xfe<\0A\0/\0>\0";
    assert!(matches!(body_error(utf_16), U::Xml(error) if error.kind() == XmlErrorKind::Encoding));
}

#[test]
fn html_content_type_names_a_body_that_is_no_token() {
    let error = respond(200, "text/html; charset=utf-8", b"<p>Maintenance</p>").unwrap_err();
    assert!(matches!(
        error,
        ResponseError::Unreadable {
            reason: BodyError::Html,
            ..
        }
    ));
    assert!(respond(200, "text/html", SAMPLE.as_bytes()).is_ok());
}

#[test]
fn redirect_is_an_error() {
    let error = respond(302, "text/html", b"<html/>").unwrap_err();
    assert!(matches!(error, ResponseError::Redirected { status } if status == StatusCode::FOUND));
}

#[test]
fn document_cut_at_any_byte_is_never_a_token() {
    let end = SAMPLE.trim_end().len();
    for cut in 0..end {
        let error = respond(200, "application/xml", &SAMPLE.as_bytes()[..cut]).unwrap_err();
        assert!(matches!(error, ResponseError::Unreadable { .. }), "{cut}");
    }
}
