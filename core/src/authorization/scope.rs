//! Scopes.

use std::borrow::Cow;
use std::fmt;

use crate::input::{self, InputError, InputField, InputProblem};

/// A scope: one of Concur's codes for what an application asks to access.
///
/// The codes that `net2` documents are constants. `v0` takes them too, and codes of its own such as
/// `expense.report.read`, of which Concur adds new ones: any code is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(Cow<'static, str>);

macro_rules! documented {
    ($($name:ident),*) => {
        impl Scope {
            $(
                #[doc = concat!("Concur's `", stringify!($name), "`.")]
                pub const $name: Self = Self(Cow::Borrowed(stringify!($name)));
            )*

            /// The codes that Concur documents for `net2`.
            pub const DOCUMENTED: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

documented!(
    ATTEND, CONFIG, CONREQ, ERECPT, EXPRPT, EXTRCT, IMAGE, INSGHT, INVPO, ITINER, LIST, MTNG,
    PAYBAT, TRVPRF, TRVREQ, TWS, USER
);

impl Scope {
    /// Creates a scope from any code.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or contains a comma, a space, or anything
    /// outside visible ASCII. Commas separate the codes in `net2`, spaces in `v0`.
    pub fn new(code: impl Into<String>) -> Result<Self, InputError> {
        let code = code.into();
        input::header_word(InputField::SCOPE, &code)?;
        if code.contains(',') {
            return Err(InputError::new(
                InputField::SCOPE,
                InputProblem::Forbidden("a comma"),
            ));
        }
        Ok(Self(Cow::Owned(code)))
    }

    /// Returns the code as text.
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
    fn any_single_code_is_accepted() {
        assert_eq!(Scope::new("EXPRPT").unwrap(), Scope::EXPRPT);
        assert_eq!(Scope::new("NEWONE").unwrap().as_str(), "NEWONE");
        for bad in ["", "A,B", "A B", "A\tB", "Ä"] {
            assert!(Scope::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Scope::DOCUMENTED.len(), 17);
    }
}
