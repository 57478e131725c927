use super::*;

const SAMPLE: &str = "<Error><Message>Invalid consumer key</Message>\
    <Server-Time>2015-03-26T17:45:54</Server-Time>\
    <Id>56054F41-53DC-404C-837D-258538F277F1</Id></Error>";

fn respond(status: u16, body: &str) -> ResponseError {
    let response = http::Response::builder()
        .status(status)
        .body(body.as_bytes());
    read_success(&response.unwrap(), Format::Xml, |_| {
        Err::<(), _>(BodyError::OtherDocument)
    })
    .unwrap_err()
}

fn refused(status: u16, body: &str) -> ErrorResponse {
    match respond(status, body) {
        ResponseError::Refused(response) => response,
        other => panic!("{other:?}"),
    }
}

#[test]
fn documented_error_is_read_with_any_status() {
    for status in [200, 400, 401, 403] {
        let response = refused(status, SAMPLE);
        assert_eq!(response.message(), Some("Invalid consumer key"));
        assert_eq!(response.id(), Some("56054F41-53DC-404C-837D-258538F277F1"));
        assert_eq!(response.server_time(), Some("2015-03-26T17:45:54"));
        assert_eq!(response.status(), status);
    }
    assert_eq!(
        respond(403, SAMPLE).to_string(),
        "refused by Concur: Invalid consumer key (status 403 Forbidden, id \
         56054F41-53DC-404C-837D-258538F277F1, server time 2015-03-26T17:45:54): check the \
         client ID or consumer key, its secret, and the application's settings"
    );
}

#[test]
fn error_without_document_says_what_came() {
    let response = refused(403, "");
    assert_eq!(response.body_error(), Some(BodyError::Empty));
    assert_eq!(refused(403, "<Error/>").message(), None);
    let ResponseError::Unavailable(response) = respond(503, "<!DOCTYPE html>") else {
        panic!("503 is not a refusal");
    };
    assert_eq!(response.body_error(), Some(BodyError::Html));
    assert_eq!(
        response.to_string(),
        "an HTML page (status 503 Service Unavailable): wait before sending it again (300 s)"
    );
}

#[test]
fn what_concur_does_not_send_is_not_concurs() {
    for (status, body, reason) in [
        (403, "<!-- x --><html/>", BodyError::Html),
        (404, "<html>", BodyError::Html),
        (403, "Forbidden", BodyError::NotXml),
        (407, "", BodyError::Empty),
        (407, "<a/>", BodyError::OtherDocument),
        (407, "{}", BodyError::NotXml),
        (418, "I'm a teapot", BodyError::NotXml),
    ] {
        let ResponseError::NotConcur {
            status: found,
            reason: why,
        } = respond(status, body)
        else {
            panic!("{status} {body}");
        };
        assert_eq!((found.as_u16(), why), (status, reason));
    }
    assert_eq!(
        respond(404, "<html>").to_string(),
        "an HTML page (status 404 Not Found), which does not look like Concur: check the base URL and any proxy on the \
         way to it"
    );
    for body in ["", "{\"Error\":{}}", "<Error><Mess"] {
        assert!(refused(403, body).body_error().is_some());
    }
    // An error document is Concur's whatever its status.
    assert_eq!(refused(407, SAMPLE).message(), Some("Invalid consumer key"));
}

#[test]
fn kind_is_what_the_words_name() {
    for (words, kind) in [
        ("Invalid consumer key", ErrorKind::WrongApplication),
        ("Invalid credentials", ErrorKind::WrongCredentials),
        ("The password is wrong", ErrorKind::WrongCredentials),
        ("The TOKEN has been revoked", ErrorKind::DeadGrant),
        ("Invalid request token", ErrorKind::DeadGrant),
        (
            "The access token for this application has expired",
            ErrorKind::DeadGrant,
        ),
        ("This application is not known", ErrorKind::WrongApplication),
        ("No", ErrorKind::Other),
    ] {
        let body = format!("<Error><Message>{words}</Message></Error>");
        assert_eq!(refused(403, &body).kind(), kind, "{words}");
    }
    assert_eq!(refused(403, "").kind(), ErrorKind::Other);
}

#[test]
fn retry_after_is_stated_or_default() {
    assert_eq!(respond(503, "").retry_after(), Some(DEFAULT_RETRY_AFTER));
    assert_eq!(respond(429, "").retry_after(), Some(DEFAULT_RETRY_AFTER));
    assert_eq!(respond(408, "").retry_after(), Some(DEFAULT_RETRY_AFTER));
    assert_eq!(respond(400, "").retry_after(), Some(SHORT_RETRY_AFTER));
    assert_eq!(respond(413, "").retry_after(), None);
    assert_eq!(respond(403, "").retry_after(), None);
    for (value, expected) in [
        ("7", 7),
        (" 7 ", 7),
        ("-7", 300),
        ("99999999999", 86_400),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 300),
    ] {
        let response = http::Response::builder()
            .status(503)
            .header("retry-after", value)
            .body(&b""[..])
            .unwrap();
        assert_eq!(
            read_success(&response, Format::Xml, |_| Ok(()))
                .unwrap_err()
                .retry_after(),
            Some(Duration::from_secs(expected)),
            "{value}"
        );
    }
}

#[test]
fn message_is_cut_to_its_limit() {
    let long = SAMPLE.replace("Invalid", &"Invalid".repeat(100));
    assert_eq!(refused(403, &long).message().unwrap().len(), 256);
}

#[test]
fn first_of_repeated_messages_counts() {
    let body = "<Error><Message><b>x</b></Message><Message>one</Message>\
                <Message>two</Message></Error>";
    assert_eq!(refused(403, body).message(), Some("one"));
}
