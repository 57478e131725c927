use concur_oauth_core::http1::MAX_BODY;
use concur_oauth_core::net2::NativeFlow;
use concur_oauth_core::{
    AccessToken, BaseUrl, BodyError, ExposeSecret, FieldProblem, ResponseError,
};
use roxmltree::{Document, Node};

use crate::{marker, oracle, parse};

/// A response to the Native flow: a token that is granted is the one token of a well-formed
/// access-token document, its side fields are the document's, and no error repeats the document.
///
/// Returns what became of the document with a marker in its text.
///
/// # Panics
///
/// Where that does not hold.
pub fn token(bytes: &[u8]) -> &'static str {
    match parse::<NativeFlow>(bytes) {
        Ok(token) => {
            if let Some(document) = oracle::verdict(&oracle::normalize(bytes)) {
                agree(&token, &document);
            }
        }
        Err(ResponseError::Unreadable { reason, .. }) => {
            assert!(reason != BodyError::TooLarge || bytes.len() > MAX_BODY);
        }
        Err(ResponseError::Refused(refused)) => assert_eq!(refused.body_error(), None),
        Err(other) => panic!("a status of 200 cannot be {other:?}"),
    }
    match parse::<NativeFlow>(&marker::plant(bytes)) {
        Ok(token) => {
            marker::assert_absent(&format!("{token:?}"));
            "token"
        }
        Err(error) => {
            marker::assert_absent_from(&error);
            match error {
                ResponseError::Refused(_) => "refused",
                ResponseError::Unreadable { reason, .. } => match reason {
                    BodyError::Xml(_) => "not well-formed",
                    BodyError::OtherDocument => "other document",
                    BodyError::NoToken => "no token",
                    BodyError::RepeatedToken => "repeated token",
                    _ => "other",
                },
                _ => "other",
            }
        }
    }
}

fn agree(token: &AccessToken, document: &Document<'_>) {
    let root = document.root_element();
    oracle::assert_is(root, "Access_Token");
    let one = oracle::only(root, "Token")
        .expect("one token")
        .expect("a token of text");
    assert_eq!(token.token().expose_secret(), one);

    let problem = |name| {
        let mut warnings = token.warnings().iter();
        let warning = warnings.find(|warning| warning.field() == name);
        warning.map(|warning| warning.problem().clone())
    };
    let refresh_token = token.refresh_token().map(ExposeSecret::expose_secret);
    assert_eq!(
        refresh_token,
        agree_on(root, "Refresh_Token", problem("Refresh_Token"))
            .as_deref()
            .and_then(not_empty)
    );
    let date = agree_on(root, "Expiration_date", problem("Expiration_date"));
    assert!(token.expires_at().is_none() || date.is_some());
    let asked = BaseUrl::US_PRODUCTION;
    let named = agree_on(root, "Instance_Url", problem("Instance_Url"));
    match named.as_deref().and_then(not_empty) {
        None => assert_eq!(token.base_url(), &asked),
        Some(text) => {
            // By this crate's own reading: path cut, https, and under Concur's domain.
            let rest = text.get("https://".len()..).expect("a scheme");
            let host = rest.split('/').next().expect("a host");
            let host = host.strip_suffix(":443").unwrap_or(host);
            assert!(host.to_ascii_lowercase().ends_with(".concursolutions.com"));
            assert_eq!(token.base_url().host(), host.to_ascii_lowercase());
            assert!(token.base_url().is_https() && token.base_url().port() == 443);
        }
    }
}

/// Returns what a field says, where there is no problem with it. Where there is one, it must be the document's.
fn agree_on(root: Node<'_, '_>, name: &str, problem: Option<FieldProblem>) -> Option<String> {
    let stated = oracle::only(root, name);
    match problem {
        None => return Some(stated.expect("once").expect("text")),
        Some(FieldProblem::Repeated) => assert_eq!(stated, None),
        Some(FieldProblem::Unreadable) => {
            assert!(stated.is_some_and(|text| text.as_deref() != Some("")))
        }
        Some(FieldProblem::Foreign(_)) => assert_eq!(name, "Instance_Url"),
        Some(problem) => panic!("{problem}"),
    }
    None
}

fn not_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
