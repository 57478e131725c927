//! Messages to a person, on standard error.

/// Prints like `eprintln!`, with secrets hidden. It never panics: a message must not cost the token that is to be
/// printed.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let message = $crate::mask::mask(format!($($words)*));
        let _ = writeln!(std::io::stderr(), "{message}");
    }};
}
