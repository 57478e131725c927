//! What must hold for every input, whatever its bytes. Each check panics where it does not.
//!
//! The fuzz targets feed these with what libFuzzer makes up; a test of the core crate replays the
//! seed corpus through them on stable. `roxmltree` is the second opinion on what XML is.
#![forbid(unsafe_code)]

mod answer;
mod connections;
mod error;
mod marker;
mod oracle;
mod returned;
mod round;
mod token;
mod xml;

pub use answer::answer;
pub use connections::connections;
pub use error::error;
pub use returned::returned;
pub use round::round;
pub use token::token;
pub use xml::xml;
