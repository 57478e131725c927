use concur_oauth_core::xml::{Text, Visit, XmlError, read};

use crate::marker;
use crate::oracle;

/// The XML reader: what it accepts is well-formed, and it reads the same elements with the same
/// text as `roxmltree`; its errors have a position, and no text.
///
/// Returns what became of the document with a marker in its text.
///
/// # Panics
///
/// Where that does not hold.
pub fn xml(bytes: &[u8]) -> &'static str {
    match elements(bytes) {
        Ok(ours) => {
            if let Some(document) = oracle::verdict(&oracle::normalize(bytes)) {
                let theirs: Vec<_> = document
                    .descendants()
                    .filter(roxmltree::Node::is_element)
                    .map(|node| (node.tag_name().name().to_owned(), oracle::text(node)))
                    .collect();
                assert_eq!(ours, theirs);
            }
        }
        Err(error) => {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
            assert!(error.line() as usize <= lines + 1);
            assert!(error.column() as usize <= bytes.len() + 1);
        }
    }
    match elements(&marker::plant(bytes)) {
        Ok(_) => "well-formed",
        Err(error) => {
            marker::assert_absent(&format!("{error} {error:?}"));
            "not well-formed"
        }
    }
}

/// Every element in the order of the start tags, with its direct text joined.
///
/// # Errors
///
/// [`XmlError`] where our reader does not accept the document.
///
/// # Panics
///
/// Where the reader leaves an element open.
pub fn elements(bytes: &[u8]) -> Result<Vec<(String, String)>, XmlError> {
    let mut elements = Elements::default();
    read(bytes, &mut elements)?;
    assert!(elements.open.is_empty() && !elements.all.is_empty());
    Ok(elements.all)
}

#[derive(Default)]
struct Elements {
    all: Vec<(String, String)>,
    open: Vec<usize>,
}

impl<'a> Visit<'a> for Elements {
    fn start(&mut self, name: &'a str, _: bool) {
        self.open.push(self.all.len());
        self.all.push((name.to_owned(), String::new()));
    }

    fn text(&mut self, text: Text<'a>) {
        let innermost = *self.open.last().expect("text outside the root");
        self.all[innermost].1.push_str(&text.to_str());
    }

    fn end(&mut self) {
        self.open.pop().expect("an end without a start");
    }
}
