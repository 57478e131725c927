//! Why a text is not XML that is accepted.

use xmlparser::TextPos;

/// A response is not well-formed XML, or is XML of a kind that is not accepted.
///
/// The error says what is wrong and where, and never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at line {line}, column {column}")]
pub struct XmlError {
    kind: XmlErrorKind,
    line: u32,
    column: u32,
}

impl XmlError {
    pub(crate) fn new(kind: XmlErrorKind, position: TextPos) -> Self {
        Self {
            kind,
            line: position.row,
            column: position.col,
        }
    }

    /// Returns what is wrong.
    #[must_use]
    pub const fn kind(&self) -> XmlErrorKind {
        self.kind
    }

    /// Returns the line, counted from 1, in which the wrong part begins.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Returns the column, counted from 1 in characters, at which the wrong part begins.
    #[must_use]
    pub const fn column(&self) -> u32 {
        self.column
    }
}

/// What is wrong with an XML text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum XmlErrorKind {
    /// It ends before its root element does.
    #[error("XML cut short")]
    Truncated,
    /// It is not XML, or breaks a rule of the grammar.
    #[error("malformed XML")]
    Syntax,
    /// It is not in UTF-8, or declares another encoding.
    #[error("XML in an encoding other than UTF-8")]
    Encoding,
    /// It has a document type declaration, which is never accepted.
    #[error("XML with a DOCTYPE")]
    Doctype,
    /// An end tag does not match its start tag.
    #[error("XML with crossed tags")]
    CrossedTags,
    /// There is no root element, or more than one.
    #[error("XML without a single root element")]
    Root,
    /// A reference is to an unknown entity or an impossible character, or is not closed.
    #[error("XML with an unknown or broken reference")]
    Reference,
    /// An element has an attribute twice, or more than 32.
    #[error("XML with repeated or too many attributes")]
    Attributes,
    /// Elements are nested more than 16 deep.
    #[error("XML nested too deep")]
    Depth,
}
