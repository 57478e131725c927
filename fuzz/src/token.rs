use concur_oauth_core::{
    AccessToken, Exchange, ExposeSecret, FieldError, InstanceUrl, NativeFlow, ResponseError,
    Unreadable,
};
use roxmltree::Document;

use crate::{marker, oracle};

/// An answer to the Native flow: a token that is granted is the one token of a well-formed
/// access-token document, its side fields are the document's, and no error repeats the document.
///
/// Says what became of the document with a marker in its text.
///
/// # Panics
///
/// Where that does not hold.
pub fn token(bytes: &[u8]) -> &'static str {
    match parse(bytes) {
        Ok(token) => {
            if let Some(document) = oracle::verdict(&oracle::normalize(bytes)) {
                agree(&token, &document);
            }
        }
        Err(ResponseError::Unreadable { reason, .. }) => {
            assert!(reason != Unreadable::TooLarge || bytes.len() > concur_oauth_core::MAX_BODY);
        }
        Err(ResponseError::Refused(refusal)) => assert_eq!(refusal.unreadable(), None),
        Err(other) => panic!("a status of 200 cannot be {other:?}"),
    }
    match parse(&marker::plant(bytes)) {
        Ok(token) => {
            marker::assert_absent(&format!("{token:?}"));
            "token"
        }
        Err(error) => {
            marker::assert_absent_from(&error);
            match error {
                ResponseError::Refused(_) => "refused",
                ResponseError::Unreadable { reason, .. } => match reason {
                    Unreadable::Xml(_) => "not well-formed",
                    Unreadable::OtherDocument => "other document",
                    Unreadable::NoToken => "no token",
                    Unreadable::RepeatedToken => "repeated token",
                    _ => "other",
                },
                _ => "other",
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Result<AccessToken, ResponseError> {
    NativeFlow::parse(http::Response::new(bytes), &InstanceUrl::default())
}

fn agree(token: &AccessToken, document: &Document<'_>) {
    let root = document.root_element();
    oracle::assert_is(root, "Access_Token");
    let one = oracle::only(root, "Token")
        .expect("one token")
        .expect("a token of text");
    assert_eq!(token.token().expose_secret(), one);

    let refresh_token = token
        .refresh_token()
        .map(|token| token.map(ExposeSecret::expose_secret));
    match oracle::only(root, "Refresh_Token") {
        Some(text) => assert_eq!(refresh_token.ok(), text.as_deref().map(not_empty)),
        None => assert_eq!(refresh_token, Err(FieldError::Repeated)),
    }
    match oracle::only(root, "Expiration_date") {
        Some(Some(text)) if text.is_empty() => assert_eq!(token.expires_at(), Ok(None)),
        Some(Some(_)) => assert_ne!(token.expires_at(), Ok(None)),
        Some(None) => assert_eq!(token.expires_at(), Err(FieldError::Unreadable)),
        None => assert_eq!(token.expires_at(), Err(FieldError::Repeated)),
    }
    match oracle::only(root, "Instance_Url") {
        Some(Some(text)) if text.is_empty() => assert_eq!(token.instance_url(), Ok(None)),
        Some(Some(text)) => {
            let stated = text.parse().ok().filter(InstanceUrl::is_https);
            assert_eq!(token.instance_url().ok().flatten(), stated.as_ref());
        }
        Some(None) => assert_eq!(token.instance_url(), Err(FieldError::Unreadable)),
        None => assert_eq!(token.instance_url(), Err(FieldError::Repeated)),
    }
}

fn not_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
