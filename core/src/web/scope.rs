use std::borrow::Cow;
use std::fmt;

use crate::input::{self, Field, InputError, Problem};

/// What an application asks to access, as one of Concur's codes.
///
/// The documented codes are constants. New ones appear, so any other is accepted too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(Cow<'static, str>);

macro_rules! documented {
    ($($name:ident),*) => {
        impl Scope {
            $(
                #[doc = concat!("Concur's `", stringify!($name), "`.")]
                pub const $name: Self = Self(Cow::Borrowed(stringify!($name)));
            )*

            /// The codes of Concur's documentation.
            pub const DOCUMENTED: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

documented!(
    ATTEND, CONFIG, CONREQ, ERECPT, EXPRPT, EXTRCT, IMAGE, INSGHT, INVPO, ITINER, LIST, MTNG,
    PAYBAT, TRVPRF, TRVREQ, TWS, USER
);

impl Scope {
    /// Takes any code.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or holds a comma, a space, or anything
    /// outside visible ASCII: commas divide the codes.
    pub fn new(code: impl Into<String>) -> Result<Self, InputError> {
        let code = code.into();
        input::header_word(Field::Scope, &code)?;
        if code.contains(',') {
            return Err(InputError::new(Field::Scope, Problem::Forbidden("a comma")));
        }
        Ok(Self(Cow::Owned(code)))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_code_but_two_at_once() {
        assert_eq!(Scope::new("EXPRPT").unwrap(), Scope::EXPRPT);
        assert_eq!(Scope::new("NEWONE").unwrap().as_str(), "NEWONE");
        for bad in ["", "A,B", "A B", "A\tB", "Ä"] {
            assert!(Scope::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Scope::DOCUMENTED.len(), 17);
    }
}
