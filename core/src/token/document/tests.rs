use std::time::{Duration, SystemTime};

use http::StatusCode;
use secrecy::ExposeSecret;

use super::*;
use crate::xml::XmlErrorKind;

const SAMPLE: &str = "<Access_Token>\r
  <Instance_Url>https://www.concursolutions.com/</Instance_Url>\r
  <Token>q962LLopjMgTOeTn3fRN+5uABCg=</Token>\r
  <Expiration_date>9/25/2016 1:36:50 PM</Expiration_date>\r
  <Refresh_Token>AXvRqWeb77Lq9F2WK6TXLCSTuxpwZO6</Refresh_Token>\r
</Access_Token>\r
";

fn answer(status: u16, content_type: &str, body: &[u8]) -> Result<AccessToken, ResponseError> {
    let response = http::Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body)
        .unwrap();
    parse(&response, &InstanceUrl::default())
}

fn ok(body: &str) -> AccessToken {
    answer(200, "application/xml", body.as_bytes()).expect(body)
}

fn unreadable(body: &[u8]) -> Unreadable {
    match answer(200, "application/xml", body).unwrap_err() {
        ResponseError::Unreadable { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_documented_sample() {
    let token = ok(SAMPLE);
    assert_eq!(
        token.token().expose_secret(),
        "q962LLopjMgTOeTn3fRN+5uABCg="
    );
    assert_eq!(
        token.refresh_token().unwrap().unwrap().expose_secret(),
        "AXvRqWeb77Lq9F2WK6TXLCSTuxpwZO6"
    );
    assert_eq!(
        token.instance_url().unwrap(),
        Some(&InstanceUrl::us_production())
    );
    let expires_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610);
    assert_eq!(token.expires_at(), Ok(Some(expires_at)));

    let second = Duration::from_secs(1);
    assert_eq!(token.is_expired_at(expires_at - second), Some(false));
    assert_eq!(token.is_expired_at(expires_at), Some(true));
    assert_eq!(token.time_left_at(expires_at - second), Some(second));
    assert_eq!(
        token.time_left_at(expires_at + second),
        Some(Duration::ZERO)
    );

    let again = AccessToken::from(token.into_parts());
    assert_eq!(again.expires_at(), Ok(Some(expires_at)));
    assert_eq!(
        again.token().expose_secret(),
        "q962LLopjMgTOeTn3fRN+5uABCg="
    );
}

#[test]
fn an_older_answer_has_only_token_and_expiry() {
    let token = ok("<?xml version=\"1.0\"?><Access_Token><Token>t</Token>\
         <Expiration_date>6/1/2014 8:00:00 AM</Expiration_date></Access_Token>");
    assert_eq!(token.instance_url(), Ok(None));
    assert!(token.refresh_token().unwrap().is_none());
    assert!(token.expires_at().unwrap().is_some());
}

#[test]
fn names_vary_in_case_and_prefix_and_values_in_dress() {
    let token = ok(
        "<c:ACCESS_TOKEN xmlns:c='x'><c:token>\n  a&amp;b<![CDATA[<c>]]><!-- -->&#x3d;\n</c:token>\
         <Instance_URL>https://eu1.concursolutions.com</Instance_URL>\
         <Expiration_Date i:nil='true' xmlns:i='y'/><Refresh_Token/><New>1</New></c:ACCESS_TOKEN>",
    );
    assert_eq!(token.token().expose_secret(), "a&b<c>=");
    assert_eq!(
        token.instance_url(),
        Ok(Some(&InstanceUrl::eu_production()))
    );
    assert_eq!(token.expires_at(), Ok(None));
    assert_eq!(token.is_expired_at(SystemTime::UNIX_EPOCH), None);
    assert!(token.refresh_token().unwrap().is_none());
}

#[test]
fn a_side_field_never_costs_the_token() {
    for (field, expected) in [
        ("<F>x</F>", FieldError::Unreadable),
        ("<F><b/></F>", FieldError::Unreadable),
        ("<F/><F/>", FieldError::Repeated),
        ("<F>x</F><F>x</F><F>x</F>", FieldError::Repeated),
    ] {
        for name in ["Expiration_date", "Instance_Url"] {
            let fields = field.replace('F', name);
            let token = ok(&format!(
                "<Access_Token>{fields}<Token>t</Token></Access_Token>"
            ));
            assert_eq!(token.token().expose_secret(), "t");
            let (expiry, instance) = (token.expires_at(), token.instance_url().cloned_result());
            if name == "Expiration_date" {
                assert_eq!((expiry, instance), (Err(expected), Ok(None)));
            } else {
                assert_eq!((expiry, instance), (Ok(None), Err(expected)));
            }
            let asked = Some(InstanceUrl::default());
            assert_eq!(token.into_parts().instance_url, asked);
        }
    }
    let doubled = ok(
        "<Access_Token><Token>t</Token><Refresh_Token>a</Refresh_Token>\
         <Refresh_Token>b</Refresh_Token></Access_Token>",
    );
    assert_eq!(doubled.refresh_token().unwrap_err(), FieldError::Repeated);
}

trait ClonedResult {
    fn cloned_result(&self) -> Result<Option<InstanceUrl>, FieldError>;
}

impl ClonedResult for Result<Option<&InstanceUrl>, FieldError> {
    fn cloned_result(&self) -> Result<Option<InstanceUrl>, FieldError> {
        self.map(Option::<&_>::cloned)
    }
}

#[test]
fn an_https_answer_cannot_send_later_calls_to_plain_http() {
    let body = "<Access_Token><Token>t</Token>\
                <Instance_Url>http://localhost:8080/</Instance_Url></Access_Token>";
    assert_eq!(ok(body).instance_url(), Err(FieldError::Insecure));
    let local = "http://localhost:8080".parse().unwrap();
    let response = http::Response::new(body.as_bytes());
    let token = parse(&response, &local).unwrap();
    assert_eq!(token.instance_url(), Ok(Some(&local)));
    for url in [
        "http://evil.example",
        "https://a@evil.example",
        "https://h/p",
    ] {
        let body = body.replace("http://localhost:8080/", url);
        assert_eq!(
            ok(&body).instance_url(),
            Err(FieldError::Unreadable),
            "{url}"
        );
    }
}

#[test]
fn what_is_no_token_document_says_what_it_is() {
    use Unreadable as U;
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
        assert_eq!(unreadable(body.as_bytes()), expected, "{body}");
    }
    for (body, kind) in [
        (&SAMPLE[..90], XmlErrorKind::Truncated),
        ("<!DOCTYPE a><Access_Token/>", XmlErrorKind::Doctype),
        (
            "<Access_Token><Token>a</Token></Access_Token><Access_Token/>",
            XmlErrorKind::Root,
        ),
    ] {
        match unreadable(body.as_bytes()) {
            U::Xml(error) => assert_eq!(error.kind(), kind, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
    let oversized = SAMPLE.replace("<Token>", &format!("<!--{}--><Token>", " ".repeat(65_536)));
    assert_eq!(unreadable(oversized.as_bytes()), U::TooLarge);
    assert!(matches!(unreadable(b"<Access_Token>\xff"), U::Xml(_)));
    let utf_16 = b"\xff\xfe<\0A\0/\0>\0";
    assert!(matches!(unreadable(utf_16), U::Xml(error) if error.kind() == XmlErrorKind::Encoding));
}

#[test]
fn html_is_told_by_its_content_type_too_but_a_token_is_a_token() {
    let error = answer(200, "text/html; charset=utf-8", b"<p>Maintenance</p>").unwrap_err();
    assert!(matches!(
        error,
        ResponseError::Unreadable {
            reason: Unreadable::Html,
            ..
        }
    ));
    assert!(answer(200, "text/html", SAMPLE.as_bytes()).is_ok());
}

#[test]
fn redirects_are_not_followed() {
    let error = answer(302, "text/html", b"<html/>").unwrap_err();
    assert!(matches!(error, ResponseError::Redirected { status } if status == StatusCode::FOUND));
}

#[test]
fn a_document_cut_at_any_byte_is_never_a_token() {
    let end = SAMPLE.trim_end().len();
    for cut in 0..end {
        let error = answer(200, "application/xml", &SAMPLE.as_bytes()[..cut]).unwrap_err();
        assert!(matches!(error, ResponseError::Unreadable { .. }), "{cut}");
    }
}
