use concur_oauth_core::{
    CallbackError, CsrfState, ExposeSecret, parse_app_center_callback, parse_callback,
};

/// The state that the user was sent with.
const STATE: &str = "s t+a=t&e 8 more!";

/// A query that a user returns with: a code that can be used, or a reason, and nothing without the
/// state.
///
/// Returns what became of it.
///
/// # Panics
///
/// Where that does not hold.
pub fn callback(bytes: &[u8]) -> &'static str {
    let Ok(query) = std::str::from_utf8(bytes) else {
        return "not text";
    };
    let state = CsrfState::new(STATE).expect("a good state");
    let parsed = parse_callback(query, &state);
    let stateless = parse_app_center_callback(query);
    if let Ok(code) = &stateless {
        let code = code.secret().expose_secret();
        assert!(!code.is_empty() && !code.chars().any(char::is_control));
        let named = |pair: &str| pair == "code" || pair.starts_with("code=");
        // It may come with the question mark before it.
        let pairs = query.strip_prefix('?').unwrap_or(query).split('&');
        assert_eq!(pairs.filter(|pair| named(pair)).count(), 1);
    }
    let state_ok = !matches!(
        parsed,
        Err(CallbackError::NoState | CallbackError::WrongState | CallbackError::RepeatedState)
    );
    if state_ok {
        // With its state, it is what it would be without one.
        let secret =
            |code: concur_oauth_core::RequestToken| code.secret().expose_secret().to_owned();
        assert_eq!(parsed.clone().map(secret), stateless.map(secret));
        assert!(query.contains("state="));
    }
    match parsed {
        Ok(_) => "a code",
        Err(CallbackError::Denied(denied)) => {
            for words in [Some(denied.error()), denied.description()]
                .into_iter()
                .flatten()
            {
                assert!(words.chars().count() <= 256 && !words.chars().any(char::is_control));
            }
            "denied"
        }
        Err(_) if state_ok => "unusable",
        Err(_) => "not this user's",
    }
}
