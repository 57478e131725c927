//! The name of a grant.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::input::{InputError, InputField, InputProblem};

/// The longest name of a grant, in bytes.
const MAX_LEN: usize = 200;

/// The name under which an application keeps a grant, such as its own number of a customer.
///
/// It stands in events, errors, logs and the store in the clear, so it should be neither a secret nor an e-mail address.
/// Clones share one text.
///
/// The command `concur-oauth` takes a part of these names: 1 to 100 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`, and no dot first. Keep to
/// them where it is to work with your grants.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::keeper::GrantName;
///
/// let name = GrantName::new("customer-4711")?;
/// assert_eq!(name.as_str(), "customer-4711");
/// assert!(GrantName::new("").is_err());
/// # Ok::<(), concur_oauth::InputError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantName(Arc<str>);

impl GrantName {
    /// Creates a name.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 200 bytes, or contains a control character.
    pub fn new(name: impl AsRef<str>) -> Result<Self, InputError> {
        let (field, name) = (InputField::GRANT_NAME, name.as_ref());
        if name.len() > MAX_LEN {
            return Err(InputError::new(field, InputProblem::TooLong(MAX_LEN)));
        }
        crate::input::text(field, name)?;
        Ok(Self(name.into()))
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for GrantName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for GrantName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for GrantName {
    type Err = InputError;

    fn from_str(name: &str) -> Result<Self, InputError> {
        Self::new(name)
    }
}

impl fmt::Display for GrantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for GrantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
