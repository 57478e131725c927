//! What is said to a person, on standard error.

/// As `eprintln!`, without its panic: nothing that is only said may cost what is to be printed.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}
