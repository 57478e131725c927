use concur_oauth_core::v0::{OneTimePassword, parse_app_center_landing, parse_callback};
use concur_oauth_core::{CallbackError, CsrfState, ExposeSecret};

const STATE: &str = "s t+a=t&e 8 more!";

/// What a browser brings, to the Web flow, from App Center, and by the link of a mail: a value that can be used, or a
/// reason, and nothing without the state.
///
/// Returns what became of it.
///
/// # Panics
///
/// Where that does not hold.
pub fn v0_callback(bytes: &[u8]) -> &'static str {
    let Ok(query) = std::str::from_utf8(bytes) else {
        return "not text";
    };
    let is_usable = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
    let pairs = query.strip_prefix('?').unwrap_or(query).split('&');
    let count = |name: &str| {
        let is_named = |pair: &&str| pair.split('=').next() == Some(name);
        pairs.clone().filter(is_named).count()
    };
    if let Ok(otp) = OneTimePassword::from_link(query) {
        assert!(is_usable(otp.secret().expose_secret()));
        assert!(query.contains("?token=") || query.contains("&token="));
    }
    let landing = parse_app_center_landing(query);
    if let Ok(landing) = &landing {
        assert!(is_usable(landing.request_token().secret().expose_secret()));
        assert!(landing.id().bytes().all(|byte| byte.is_ascii_graphic()));
        assert_eq!((count("id"), count("requestToken")), (1, 1));
    }
    let state = CsrfState::new(STATE).expect("a good state");
    match parse_callback(query, &state) {
        Ok(callback) => {
            assert!(is_usable(callback.code().secret().expose_secret()));
            assert_eq!(count("state"), 1);
            assert!(count("code") == 1 || (count("code") == 0 && count("cc") == 1));
            let geolocation = callback.geolocation().unwrap_or("none");
            assert!(is_usable(geolocation) && geolocation.chars().count() <= 256);
            "a code"
        }
        Err(CallbackError::Denied(denied)) => {
            let words = [Some(denied.error()), denied.description()];
            for words in words.into_iter().flatten() {
                assert!(words.chars().count() <= 256 && !words.chars().any(char::is_control));
            }
            "denied"
        }
        Err(_) if landing.is_ok() => "a landing",
        Err(_) => "neither",
    }
}
