use concur_oauth_core::{Exchange, InstanceUrl, NativeFlow, Refusal, ResponseError};

use crate::{marker, oracle};

/// An error answer: its words are those of a well-formed error document, cut and cleaned, and
/// nothing else of the answer shows.
///
/// Says what became of the document with a marker in its text.
///
/// # Panics
///
/// Where that does not hold.
pub fn error(bytes: &[u8]) -> &'static str {
    let refusal = parse(bytes);
    for (words, name, limit) in [
        (refusal.message(), "Message", 256),
        (refusal.id(), "Id", 64),
        (refusal.server_time(), "Server-Time", 64),
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
    let planted = marker::plant(bytes);
    let response = response(&planted);
    let error = NativeFlow::parse(response, &InstanceUrl::default()).expect_err("a status of 403");
    marker::assert_absent_from(&error);
    match error {
        ResponseError::Refused(refusal) if refusal.message().is_some() => "words",
        _ => "no words",
    }
}

fn response(bytes: &[u8]) -> http::Response<&[u8]> {
    let mut response = http::Response::new(bytes);
    *response.status_mut() = http::StatusCode::FORBIDDEN;
    response
}

fn parse(bytes: &[u8]) -> Refusal {
    match NativeFlow::parse(response(bytes), &InstanceUrl::default()) {
        Err(ResponseError::Refused(refusal)) => refusal,
        other => panic!("a status of 403 cannot be {other:?}"),
    }
}

/// Whether the words come in this order in the text, with nothing but unseen characters between.
fn is_cut_from(words: &str, text: &str) -> bool {
    let mut rest = text.chars();
    words
        .chars()
        .filter(|word| !word.is_whitespace())
        .all(|word| rest.any(|character| character == word))
}
