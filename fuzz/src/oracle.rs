//! The second opinion.

use roxmltree::{Document, Error, Node};

/// The text with its line ends normalised, which XML 1.0 section 2.11 has done before any parsing.
/// `roxmltree` does it after, and leaves a carriage return that stands between a character reference
/// and a tag as it is.
///
/// # Panics
///
/// Where the bytes, which our reader accepted, are not UTF-8.
pub(crate) fn normalize(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).expect("accepted what is not UTF-8");
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What `roxmltree` says of a text that our reader accepted. A namespace error is no verdict: our
/// reader takes no part in namespaces.
///
/// # Panics
///
/// Where `roxmltree` finds the text ill-formed.
pub(crate) fn verdict(text: &str) -> Option<Document<'_>> {
    match Document::parse(text) {
        Ok(document) => Some(document),
        Err(
            Error::InvalidXmlPrefixUri(_)
            | Error::UnexpectedXmlUri(_)
            | Error::UnexpectedXmlnsUri(_)
            | Error::InvalidElementNamePrefix(_)
            | Error::DuplicatedNamespace(..)
            | Error::UnknownNamespace(..),
        ) => None,
        // Two prefixes of one namespace make one attribute of two; without a prefix there is none.
        Err(Error::DuplicatedAttribute(..)) if text.contains("xmlns:") => None,
        Err(error) => panic!("accepted what is not well-formed: {error}"),
    }
}

/// The text children of an element, joined.
pub(crate) fn text(node: Node<'_, '_>) -> String {
    let texts = node.children().filter(Node::is_text);
    texts.filter_map(|text| text.text()).collect()
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name().eq_ignore_ascii_case(name)
}

/// # Panics
///
/// Where the element has another name, in any case.
pub(crate) fn assert_is(node: Node<'_, '_>, name: &str) {
    assert!(is(node, name), "{:?}", node.tag_name());
}

/// The direct children of an element with this name, in any case.
pub(crate) fn fields<'a, 'i>(node: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |node| is(*node, name))
}

/// A field's trimmed text; inside, `None` where it holds elements; outside, where it is repeated. An
/// absent field has no text.
pub(crate) fn only(node: Node<'_, '_>, name: &str) -> Option<Option<String>> {
    let mut fields = fields(node, name);
    let Some(field) = fields.next() else {
        return Some(Some(String::new()));
    };
    if fields.next().is_some() {
        return None;
    }
    Some(value(field))
}

/// An element's trimmed text; `None` where it holds elements.
pub(crate) fn value(field: Node<'_, '_>) -> Option<String> {
    if field.children().any(|child| child.is_element()) {
        return None;
    }
    if is_nil(field) {
        return Some(String::new());
    }
    Some(text(field).trim_matches([' ', '\t', '\n', '\r']).to_owned())
}

fn is_nil(node: Node<'_, '_>) -> bool {
    let mut attributes = node.attributes();
    attributes
        .any(|attribute| attribute.name() == "nil" && matches!(attribute.value(), "true" | "1"))
}
