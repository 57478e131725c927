use concur_oauth_core::xml::{Event, XmlError, read};

use crate::marker;
use crate::oracle;

/// The XML reader: what it accepts is well-formed, and it reads the same elements with the same
/// text as `roxmltree`; its errors say where, and not what.
///
/// # Panics
///
/// Where that does not hold.
pub fn xml(bytes: &[u8]) {
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
    if let Err(error) = elements(&marker::plant(bytes)) {
        marker::assert_absent(&format!("{error} {error:?}"));
    }
}

/// Every element in the order of the start tags, with its direct text joined.
fn elements(bytes: &[u8]) -> Result<Vec<(String, String)>, XmlError> {
    let mut elements: Vec<(String, String)> = Vec::new();
    let mut open = Vec::new();
    read(bytes, |event| match event {
        Event::Start { name, .. } => {
            open.push(elements.len());
            elements.push((name.to_owned(), String::new()));
        }
        Event::Text(text) => {
            let innermost = *open.last().expect("text outside the root");
            elements[innermost].1.push_str(&text.to_str());
        }
        Event::End => {
            open.pop().expect("an end without a start");
        }
    })?;
    assert!(open.is_empty() && !elements.is_empty());
    Ok(elements)
}
