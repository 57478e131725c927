//! The `User-Agent` of a transport.

use http::HeaderValue;

use crate::input::{self, InputError, InputField, InputProblem};

/// Returns the value of a `User-Agent` header field.
///
/// # Errors
///
/// [`InputError`] where it is empty, longer than 8 KiB, or contains anything but visible ASCII and
/// spaces.
pub fn user_agent(text: &str) -> Result<HeaderValue, InputError> {
    let error = |problem| InputError::new(InputField::USER_AGENT, problem);
    let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if !text.bytes().all(visible) {
        let what = "a character outside visible ASCII and spaces";
        return Err(error(InputProblem::Forbidden(what)));
    }
    match text.trim_matches(' ') {
        "" => Err(error(InputProblem::Empty)),
        text if text.len() > input::MAX_LEN => Err(error(InputProblem::TooLong(input::MAX_LEN))),
        text => HeaderValue::from_str(text).map_err(|_| error(InputProblem::NOT_A_HEADER_VALUE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_ascii_and_spaces_are_accepted() {
        assert!(user_agent("my-app/2.0 (contact me)").is_ok());
        for bad in [
            "",
            "  ",
            "a\r\nb",
            "tab\there",
            "ünsafe",
            &"x".repeat(10_000),
        ] {
            assert!(user_agent(bad).is_err(), "{bad:?}");
        }
    }
}
