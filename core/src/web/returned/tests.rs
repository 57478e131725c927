use super::*;
use proptest::prelude::*;
use secrecy::ExposeSecret;

fn state() -> State {
    State::new("s t+a=t&e").unwrap()
}

const STATE: &str = "state=s%20t%2Ba%3Dt%26e";

fn read(query: &str) -> Result<String, ReturnError> {
    let code = read_web_return(query, &state())?;
    Ok(code.secret().expose_secret().to_owned())
}

#[test]
fn a_code_comes_back() {
    for query in [
        format!("code=1029384756&{STATE}"),
        format!("{STATE}&code=1029384756"),
        format!("?{STATE}&code=1029384756"),
        format!("session=1&&code=1029384756&x&{STATE}&y="),
        "code=1029384756&state=s+t%2Ba%3Dt%26e".to_owned(),
    ] {
        assert_eq!(read(&query).unwrap(), "1029384756", "{query}");
    }
    let read = |code: &str| read(&format!("code={code}&{STATE}")).unwrap();
    assert_eq!(read("a%2Bb%2Fc%3D"), "a+b/c=");
    assert_eq!(read("a+b/c="), "a+b/c=");
}

#[test]
fn a_denial_comes_back_in_concurs_words() {
    let query =
        format!("error=access_denied&error_description=User+denied+access%0d%1b[0m&{STATE}");
    let Err(ReturnError::Denied(denial)) = read(&query) else {
        panic!("{:?}", read(&query));
    };
    assert_eq!(denial.error(), "access_denied");
    assert_eq!(denial.description(), Some("User denied access [0m"));
    assert_eq!(
        denial.to_string(),
        "access was not granted: User denied access [0m (access_denied)"
    );
    let Err(ReturnError::Denied(denial)) = read(&format!("error=no&{STATE}")) else {
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
    let Err(ReturnError::Denied(denial)) = read(&long) else {
        panic!();
    };
    assert_eq!(denial.error().len(), 256);
}

#[test]
fn whatever_is_wrong_is_named() {
    for (query, expected) in [
        (STATE.to_owned(), ReturnError::Neither),
        (format!("code=1&error=no&{STATE}"), ReturnError::Both),
        (
            format!("code=1&code=2&{STATE}"),
            ReturnError::Repeated("code"),
        ),
        (
            format!("error=1&error=2&{STATE}"),
            ReturnError::Repeated("error"),
        ),
        // Of a return that is not the user's, nothing else is said.
        ("code=1&code=2".to_owned(), ReturnError::NoState),
        ("code=1&code=2&state=x".to_owned(), ReturnError::WrongState),
        (
            format!("{STATE}&{STATE}&error=1&error=2"),
            ReturnError::RepeatedState,
        ),
        ("code=1".to_owned(), ReturnError::NoState),
        ("error=no".to_owned(), ReturnError::NoState),
        (String::new(), ReturnError::NoState),
        ("code=1&state=other".to_owned(), ReturnError::WrongState),
        ("error=no&state=other".to_owned(), ReturnError::WrongState),
        ("code=1&state=".to_owned(), ReturnError::WrongState),
        ("code=1&state=%".to_owned(), ReturnError::WrongState),
        (
            format!("code=1&{STATE}&{STATE}"),
            ReturnError::RepeatedState,
        ),
        (format!("code=&{STATE}"), ReturnError::Malformed),
        (format!("code&{STATE}"), ReturnError::Malformed),
        (format!("code=%&{STATE}"), ReturnError::Malformed),
        (format!("code=%ff&{STATE}"), ReturnError::Malformed),
        (format!("code=a%0ab&{STATE}"), ReturnError::Malformed),
        (
            format!("code={}&{STATE}", "x".repeat(8193)),
            ReturnError::Malformed,
        ),
    ] {
        assert_eq!(read(&query).unwrap_err(), expected, "{query}");
    }
}

#[test]
fn from_the_app_center_no_state_comes() {
    let read =
        |query: &str| read_app_center(query).map(|code| code.secret().expose_secret().to_owned());
    let sample = "0_XI1GL5BTe05Wr76W0bkK3hPg2sF7gcZ";
    assert_eq!(read(&format!("code={sample}")).unwrap(), sample);
    assert_eq!(read(""), Err(ReturnError::Neither));
    assert_eq!(read("code=1&code=2"), Err(ReturnError::Repeated("code")));
}

proptest! {
    #[test]
    fn every_code_and_state_that_is_sent_encoded_comes_back(
        code in "[^\\p{Cc}]{1,40}",
        state in "[^\\p{Cc}]{1,40}",
    ) {
        let encoded = |text: &str| {
            let mut bytes = Vec::new();
            query::encode(text, |byte| bytes.push(byte));
            String::from_utf8(bytes).unwrap()
        };
        let query = format!("code={}&state={}", encoded(&code), encoded(&state));
        let read = read_web_return(&query, &State::new(state).unwrap()).unwrap();
        prop_assert_eq!(read.secret().expose_secret(), code);
    }

    #[test]
    fn no_query_panics(query in any::<String>()) {
        let _ = (read(&query), read_app_center(&query));
    }
}
