//! As much of XML 1.0 as Concur's documents need, on `xmlparser`'s tokens.
//!
//! `xmlparser` splits a text into tokens. It does not check that tags match, that there is one root
//! and that attributes differ, and it expands no references. [`read`] adds that, and bounds size
//! and depth. What it accepts is well-formed. It refuses some well-formed texts on purpose: any
//! DOCTYPE, any declared encoding but UTF-8, and an XML declaration that does not begin with
//! `<?xml ` and one space.
//!
//! Public for the fuzz targets only: no promise of stability.

mod error;
mod field;
mod fields;
mod reader;
mod text;

pub use error::{XmlError, XmlErrorKind};
pub(crate) use field::{FieldText, trim};
pub use fields::{Part, Value, read_fields};
pub use reader::{Visit, read};
pub use text::Text;
