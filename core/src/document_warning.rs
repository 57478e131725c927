//! What was wrong with single fields of a document whose other fields are good.

use std::fmt;

use crate::base_url::{BaseUrl, NamedUrl};
use crate::wire::json::JsonField;
use crate::wire::xml::FieldText;

/// One field of a document cannot be used, though the document is good.
///
/// A token is never thrown away because of a field beside it. The field counts as absent, and this says
/// why. (A base URL that cannot be used is replaced by the base URL that was asked.)
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{field} {problem}")]
pub struct DocumentWarning {
    field: &'static str,
    problem: FieldProblem,
}

impl DocumentWarning {
    /// Returns Concur's name of the field, such as `Expiration_date`.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// Returns what is wrong with the field.
    #[must_use]
    pub fn problem(&self) -> &FieldProblem {
        &self.problem
    }
}

/// What is wrong with a field of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldProblem {
    /// The document has the field more than once.
    Repeated,
    /// The field does not contain what it should.
    Unreadable,
    /// The document does not have the field, and should.
    Missing,
    /// The field names a host outside the trust domain of the base URL that was asked, or plain http.
    /// Nothing is sent there. `None` for plain http to a host that is not this machine.
    Foreign(Option<BaseUrl>),
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeated => f.write_str("is given more than once"),
            Self::Unreadable => f.write_str("is given in a form that cannot be read"),
            Self::Missing => f.write_str("is missing"),
            Self::Foreign(Some(named)) => write!(
                f,
                "names {named}, which is foreign to the base URL that was asked, and is not used"
            ),
            Self::Foreign(None) => {
                f.write_str("names a host by plain http, which is foreign and is not used")
            }
        }
    }
}

/// Returns the URL that a field names, where it may be used.
pub(crate) fn trusted(named: NamedUrl) -> Result<BaseUrl, FieldProblem> {
    match named {
        NamedUrl::Trusted(named) => Ok(named),
        NamedUrl::Foreign(named) => Err(FieldProblem::Foreign(named)),
        NamedUrl::Malformed => Err(FieldProblem::Unreadable),
    }
}

/// The warnings of one document, as it is read.
#[derive(Debug, Default)]
pub(crate) struct Warnings(Vec<DocumentWarning>);

impl Warnings {
    pub(crate) fn add(&mut self, field: &'static str, problem: FieldProblem) {
        self.0.push(DocumentWarning { field, problem });
    }

    /// Reads a field of an XML document. `None` where it is absent, empty, or cannot be read, which is a warning.
    pub(crate) fn read<T>(
        &mut self,
        field: &'static str,
        text: &FieldText<'_>,
        read: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<T> {
        let result = match text {
            FieldText::Repeated => Err(FieldProblem::Repeated),
            FieldText::Elements => Err(FieldProblem::Unreadable),
            text => read(text.text()?),
        };
        self.keep(field, result)
    }

    /// Reads a field of a JSON document: a string, or a number's digits. `None` where it is absent, `null`, empty, or
    /// cannot be read, which is a warning.
    pub(crate) fn read_json<T>(
        &mut self,
        field: &'static str,
        value: &JsonField<'_>,
        read: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<T> {
        let result = match value {
            JsonField::Absent => return None,
            JsonField::Repeated => Err(FieldProblem::Repeated),
            JsonField::Value(value) => match value.text() {
                Some(text) if text.is_empty() => return None,
                Some(text) => read(&text),
                None => Err(FieldProblem::Unreadable),
            },
        };
        self.keep(field, result)
    }

    fn keep<T>(&mut self, field: &'static str, result: Result<T, FieldProblem>) -> Option<T> {
        result.map_err(|problem| self.add(field, problem)).ok()
    }

    /// Reads a field that a document should have: it is a warning where it is absent or empty.
    pub(crate) fn read_required<T>(
        &mut self,
        field: &'static str,
        text: &FieldText<'_>,
        read: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<T> {
        let before = self.0.len();
        let value = self.read(field, text, read);
        if value.is_none() && self.0.len() == before {
            self.add(field, FieldProblem::Missing);
        }
        value
    }

    pub(crate) fn into_vec(self) -> Vec<DocumentWarning> {
        self.0
    }
}
