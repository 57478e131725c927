use concur_oauth_core::v0::{PasswordGrant, RevokeConnections};
use concur_oauth_core::{ErrorKind, Exchange, ResponseError};
use serde_json::Value;

use super::json::Pairs;
use super::{context, is_of_v0};

/// An error document of `v0`: its words are the document's, cut and cleaned, and a request goes elsewhere only for code 16
/// and only inside the trust domain. A revocation is done only where the response is empty or says so.
///
/// Returns what became of the document.
///
/// # Panics
///
/// Where that does not hold.
pub fn v0_error(bytes: &[u8]) -> &'static str {
    let response = || {
        let mut response = http::Response::new(bytes);
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        response
    };
    let pairs = Pairs::read(bytes);
    if RevokeConnections::parse(http::Response::new(bytes), &context()).is_ok() {
        let words = String::from_utf8_lossy(bytes).to_lowercase();
        let done = ["", "ok", "success", "done", "true", "deleted"];
        let is_kept = |c: char| !c.is_whitespace() && !matches!(c, '"' | '.' | '!' | '\u{feff}');
        let words: String = words.chars().filter(|c| is_kept(*c)).collect();
        assert!(done.contains(&words.as_str()), "{words}");
    }
    let elsewhere = PasswordGrant::elsewhere(&response(), &context());
    if let Some(named) = &elsewhere {
        assert!(is_of_v0(named) && named != context().base_url());
        if let Some(pairs) = &pairs {
            // `Value` and the reader agree on the first code, in any case of its name.
            let codes: Vec<_> = pairs.all(&["code"]).collect();
            let is_16 = |code: &&Value| **code == 16 || **code == "16";
            assert!(codes.is_empty() || codes.iter().any(is_16));
        }
    }
    let error = PasswordGrant::parse(response(), &context()).expect_err("a status of 400");
    let (ResponseError::Refused(refused) | ResponseError::Unavailable(refused)) = &error else {
        assert!(elsewhere.is_none());
        return "not Concur's";
    };
    if elsewhere.is_some() {
        assert_eq!(refused.kind(), ErrorKind::Elsewhere);
        assert_eq!(refused.geolocation(), elsewhere.as_ref());
    }
    let words = [
        (refused.message(), 256),
        (refused.error(), 64),
        (refused.id(), 64),
    ];
    let mut shown = error.to_string();
    for (words, limit) in words {
        let Some(words) = words else { continue };
        assert!(!words.is_empty() && words.chars().count() <= limit);
        assert!(!words.chars().any(char::is_control) && words.trim() == words);
        shown = shown.replacen(words, "", 1);
    }
    assert!(shown.len() < 600, "{shown}");
    match (elsewhere, refused.code(), refused.message()) {
        (Some(_), ..) => "elsewhere",
        (_, Some(_), _) => "a code",
        (_, _, Some(_)) => "words",
        _ => "nothing",
    }
}
