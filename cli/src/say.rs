//! Messages to a person, on standard error.

/// Prints like `eprintln!`, and never panics: a message must not cost the token that is to be printed.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}
