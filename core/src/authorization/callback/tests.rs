use super::*;
use proptest::prelude::*;
use secrecy::ExposeSecret;

fn state() -> CsrfState {
    CsrfState::new("s t+a=t&e 8 more!").unwrap()
}

const STATE: &str = "state=s%20t%2Ba%3Dt%26e%208%20more!";

fn read(query: &str) -> Result<String, CallbackError> {
    let code = parse_callback(query, &state())?;
    Ok(code.secret().expose_secret().to_owned())
}

#[test]
fn code_returns() {
    for query in [
        format!("code=1029384756&{STATE}"),
        format!("{STATE}&code=1029384756"),
        format!("?{STATE}&code=1029384756"),
        format!("session=1&&code=1029384756&x&{STATE}&y="),
        "code=1029384756&state=s+t%2Ba%3Dt%26e+8+more!".to_owned(),
    ] {
        assert_eq!(read(&query).unwrap(), "1029384756", "{query}");
    }
    let read = |code: &str| read(&format!("code={code}&{STATE}")).unwrap();
    assert_eq!(read("a%2Bb%2Fc%3D"), "a+b/c=");
    assert_eq!(read("a+b/c="), "a+b/c=");
}

#[test]
fn denial_returns_in_concurs_words() {
    let query =
        format!("error=access_denied&error_description=User+denied+access%0d%1b[0m&{STATE}");
    let Err(CallbackError::Denied(denial)) = read(&query) else {
        panic!("{:?}", read(&query));
    };
    assert_eq!(denial.error(), "access_denied");
    assert_eq!(denial.description(), Some("User denied access [0m"));
    assert_eq!(
        denial.to_string(),
        "access was not granted: User denied access [0m (access_denied)"
    );
    let Err(CallbackError::Denied(denial)) = read(&format!("error=no&{STATE}")) else {
        panic!();
    };
    assert_eq!(denial.description(), None);
    for (query, shown) in [
        ("error=%0a", "access was not granted"),
        ("error=&error_description=No", "access was not granted: No"),
        (
            "error=a&error_description=b%E2%80%AEc",
            "access was not granted: bc (a)",
        ),
    ] {
        let denial = read(&format!("{query}&{STATE}")).unwrap_err();
        assert_eq!(denial.to_string(), shown);
    }
    let long = format!("error={}&{STATE}", "x".repeat(1000));
    let Err(CallbackError::Denied(denial)) = read(&long) else {
        panic!();
    };
    assert_eq!(denial.error().len(), 256);
}

#[test]
fn unusable_callback_is_named() {
    for (query, expected) in [
        (STATE.to_owned(), CallbackError::Neither),
        (format!("code=1&error=no&{STATE}"), CallbackError::Both),
        (
            format!("code=1&code=2&{STATE}"),
            CallbackError::Repeated("code"),
        ),
        (
            format!("error=1&error=2&{STATE}"),
            CallbackError::Repeated("error"),
        ),
        // Of a return that is not the user's, nothing else is said.
        ("code=1&code=2".to_owned(), CallbackError::NoState),
        (
            "code=1&code=2&state=x".to_owned(),
            CallbackError::WrongState,
        ),
        (
            format!("{STATE}&{STATE}&error=1&error=2"),
            CallbackError::RepeatedState,
        ),
        ("code=1".to_owned(), CallbackError::NoState),
        ("error=no".to_owned(), CallbackError::NoState),
        (String::new(), CallbackError::NoState),
        ("code=1&state=other".to_owned(), CallbackError::WrongState),
        ("error=no&state=other".to_owned(), CallbackError::WrongState),
        ("code=1&state=".to_owned(), CallbackError::WrongState),
        ("code=1&state=%".to_owned(), CallbackError::WrongState),
        (
            format!("code=1&{STATE}&{STATE}"),
            CallbackError::RepeatedState,
        ),
        (format!("code=&{STATE}"), CallbackError::Malformed),
        (format!("code&{STATE}"), CallbackError::Malformed),
        (format!("code=%&{STATE}"), CallbackError::Malformed),
        (format!("code=%ff&{STATE}"), CallbackError::Malformed),
        (format!("code=a%0ab&{STATE}"), CallbackError::Malformed),
        (
            format!("code={}&{STATE}", "x".repeat(8193)),
            CallbackError::Malformed,
        ),
    ] {
        assert_eq!(read(&query).unwrap_err(), expected, "{query}");
    }
}

#[test]
fn app_center_callback_needs_no_state() {
    let read = |query: &str| {
        parse_app_center_callback(query).map(|code| code.secret().expose_secret().to_owned())
    };
    let sample = "0_XI1GL5BTe05Wr76W0bkK3hPg2sF7gcZ";
    assert_eq!(read(&format!("code={sample}")).unwrap(), sample);
    assert_eq!(read(""), Err(CallbackError::Neither));
    assert_eq!(read("code=1&code=2"), Err(CallbackError::Repeated("code")));
}

proptest! {
    #[test]
    fn encoded_code_and_state_return_unchanged(
        code in "[^\\p{Cc}]{1,40}",
        state in "[^\\p{Cc}]{16,40}",
    ) {
        let encoded = |text: &str| {
            let mut bytes = Vec::new();
            crate::wire::percent::encode(text, |byte| bytes.push(byte));
            String::from_utf8(bytes).unwrap()
        };
        let query = format!("code={}&state={}", encoded(&code), encoded(&state));
        let read = parse_callback(&query, &CsrfState::new(state).unwrap()).unwrap();
        prop_assert_eq!(read.secret().expose_secret(), code);
    }

    #[test]
    fn no_query_panics(query in any::<String>()) {
        let _ = (read(&query), parse_app_center_callback(&query));
    }
}
