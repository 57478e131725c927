use concur_oauth_core::net2::NativeFlow;
use concur_oauth_core::{ErrorResponse, Exchange, ResponseError};

use crate::{context, marker, oracle};

/// An error response: its words are those of a well-formed error document, cut and cleaned, and
/// nothing else of the response shows.
///
/// Returns what became of the document with a marker in its text.
///
/// # Panics
///
/// Where that does not hold.
pub fn error(bytes: &[u8]) -> &'static str {
    if let Some(refused) = parse(bytes) {
        assert_words(&refused, bytes);
    }
    let planted = marker::plant(bytes);
    let response = response(&planted);
    let error = NativeFlow::parse(response, &context()).expect_err("a status of 403");
    marker::assert_absent_from(&error);
    match error {
        ResponseError::Refused(refused) if refused.message().is_some() => "words",
        _ => "no words",
    }
}

/// The words are those of the document.
fn assert_words(refused: &ErrorResponse, bytes: &[u8]) {
    for (words, name, limit) in [
        (refused.message(), "Message", 256),
        (refused.id(), "Id", 64),
        (refused.server_time(), "Server-Time", 64),
    ] {
        let Some(words) = words else { continue };
        assert!(
            !words.is_empty() && words.chars().count() <= limit,
            "{words:?}"
        );
        assert!(!words.chars().any(char::is_control), "{words:?}");
        assert_eq!(words.trim(), words);
        if let Some(document) = oracle::verdict(&oracle::normalize(bytes)) {
            let root = document.root_element();
            oracle::assert_is(root, "Error");
            let mut fields = oracle::fields(root, name);
            assert!(fields.any(|field| is_cut_from(words, &oracle::text(field))));
        }
    }
}

fn response(bytes: &[u8]) -> http::Response<&[u8]> {
    let mut response = http::Response::new(bytes);
    *response.status_mut() = http::StatusCode::FORBIDDEN;
    response
}

/// `None` where nothing of the body shows in the error: it is no error document.
fn parse(bytes: &[u8]) -> Option<ErrorResponse> {
    match NativeFlow::parse(response(bytes), &context()) {
        Err(ResponseError::Refused(refused)) => Some(refused),
        Err(ResponseError::NotConcur { .. }) => None,
        other => panic!("a status of 403 cannot be {other:?}"),
    }
}

/// Returns whether the words come in this order in the text, with nothing but invisible characters between.
fn is_cut_from(words: &str, text: &str) -> bool {
    let mut rest = text.chars();
    words
        .chars()
        .filter(|word| !word.is_whitespace())
        .all(|word| rest.any(|character| character == word))
}
