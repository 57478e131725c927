use concur_oauth_core::{ExposeSecret, ReturnError, State, read_app_center, read_web_return};

/// The state that the user was sent out with.
const STATE: &str = "s t+a=t&e";

/// A query that a user comes back with: a code that can be used, or a reason; and nothing without the
/// state.
///
/// Says what became of it.
///
/// # Panics
///
/// Where that does not hold.
pub fn returned(bytes: &[u8]) -> &'static str {
    let Ok(query) = std::str::from_utf8(bytes) else {
        return "not text";
    };
    let state = State::new(STATE).expect("a good state");
    let returned = read_web_return(query, &state);
    let anybodys = read_app_center(query);
    if let Ok(code) = &anybodys {
        let code = code.secret().expose_secret();
        assert!(!code.is_empty() && !code.chars().any(char::is_control));
        let named = |pair: &str| pair == "code" || pair.starts_with("code=");
        // It may come with the question mark before it.
        let pairs = query.strip_prefix('?').unwrap_or(query).split('&');
        assert_eq!(pairs.filter(|pair| named(pair)).count(), 1);
    }
    let state_ok = !matches!(
        returned,
        Err(ReturnError::NoState | ReturnError::WrongState | ReturnError::RepeatedState)
    );
    if state_ok {
        // With its state, it is what it would be without one.
        let secret =
            |code: concur_oauth_core::RequestToken| code.secret().expose_secret().to_owned();
        assert_eq!(returned.clone().map(secret), anybodys.map(secret));
        assert!(query.contains("state="));
    }
    match returned {
        Ok(_) => "a code",
        Err(ReturnError::Denied(denial)) => {
            for words in [Some(denial.error()), denial.description()]
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
