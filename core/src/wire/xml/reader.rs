//! From tokens to well-formed elements and text.

use xmlparser::{ElementEnd, StrSpan, Stream, Token, Tokenizer};

use super::{Text, XmlError, XmlErrorKind};

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];
const MAX_DEPTH: usize = 16;
const MAX_ATTRIBUTES: usize = 32;

/// Receives the parts of a document in order.
///
/// No part counts unless the whole document is read without an error.
pub trait Visit<'a> {
    /// An element begins. `name` is without its prefix. `nil` is whether the element is marked as empty:
    /// `nil="true"`, with any prefix.
    fn start(&mut self, name: &'a str, nil: bool);

    /// Text inside the innermost open element. There can be several in a row.
    fn text(&mut self, text: Text<'a>);

    /// The innermost open element ends.
    fn end(&mut self);
}

/// Reads a whole document, and passes its parts to a visitor. A byte order mark is skipped.
///
/// It is a visitor and not an iterator, so that tokenizing, checking and reading are one loop: tokens are large,
/// and moving them takes longer than making them.
///
/// # Errors
///
/// [`XmlError`] where the text is not well-formed or not accepted.
pub fn read<'a>(bytes: &'a [u8], visitor: &mut impl Visit<'a>) -> Result<(), XmlError> {
    let text = utf_8(bytes)?;
    let mut open = Open::default();
    let mut tag = Tag::default();
    for token in Tokenizer::from(text) {
        match token {
            Ok(Token::ElementStart {
                prefix,
                local,
                span,
            }) => {
                refuse_empty_prefix(text, &span)?;
                tag.begin(Name::new(prefix, local), span.start());
            }
            Ok(Token::Attribute {
                prefix,
                local,
                value,
                span,
            }) => {
                refuse_empty_prefix(text, &span)?;
                let name = Name::new(prefix, local);
                tag.attribute(name, value.as_str())
                    .map_err(|kind| at(text, kind, span.start()))?;
            }
            Ok(Token::ElementEnd {
                end: ElementEnd::Close(prefix, local),
                span,
            }) => {
                refuse_empty_prefix(text, &span)?;
                open.pop(Name::new(prefix, local))
                    .map_err(|kind| at(text, kind, span.start()))?;
                visitor.end();
            }
            Ok(Token::ElementEnd { end, .. }) => {
                open.push(tag.name)
                    .map_err(|kind| at(text, kind, tag.start))?;
                visitor.start(tag.name.local, tag.nil);
                if end == ElementEnd::Empty {
                    open.pop(tag.name)
                        .map_err(|kind| at(text, kind, tag.start))?;
                    visitor.end();
                }
            }
            Ok(Token::Text { text: span }) => {
                let checked = Text::parsed(span.as_str())
                    .ok_or_else(|| at(text, XmlErrorKind::Reference, span.start()))?;
                visitor.text(checked);
            }
            Ok(Token::Cdata { text, .. }) => visitor.text(Text::literal(text.as_str())),
            Ok(Token::Comment { .. }) => {}
            Ok(Token::ProcessingInstruction { target, span, .. }) => {
                // `xmlparser` asks for no space after the target.
                let after = span
                    .as_str()
                    .get(target.end().saturating_sub(span.start())..);
                let apart = after.is_some_and(|it| it.starts_with(SPACE) || it.starts_with("?>"));
                // A declaration in any but its one place, or with a tab after `<?xml`.
                if !apart || target.as_str().eq_ignore_ascii_case("xml") {
                    return Err(at(text, XmlErrorKind::Syntax, span.start()));
                }
            }
            Ok(Token::Declaration { encoding, span, .. }) => {
                if encoding.is_some_and(|name| !name.as_str().eq_ignore_ascii_case("utf-8")) {
                    return Err(at(text, XmlErrorKind::Encoding, span.start()));
                }
            }
            Ok(
                Token::DtdStart { span, .. }
                | Token::EmptyDtd { span, .. }
                | Token::EntityDeclaration { span, .. }
                | Token::DtdEnd { span },
            ) => return Err(at(text, XmlErrorKind::Doctype, span.start())),
            Err(error) => return Err(syntax(text, &error, open.is_after_root())),
        }
    }
    if open.is_after_root() {
        Ok(())
    } else {
        // A text that ends inside a tag ends the tokens without an error.
        let kind = match (open.depth, tag.name.local) {
            (0, "") => XmlErrorKind::Root,
            _ => XmlErrorKind::Truncated,
        };
        Err(at(text, kind, text.len()))
    }
}

/// A name with its prefix. Start and end tag must agree on both.
#[derive(Clone, Copy, Default)]
struct Name<'a> {
    prefix: &'a str,
    local: &'a str,
}

impl<'a> Name<'a> {
    fn new(prefix: StrSpan<'a>, local: StrSpan<'a>) -> Self {
        Self {
            prefix: prefix.as_str(),
            local: local.as_str(),
        }
    }

    /// Not derived: most prefixes are empty, and some processors take longer to compare empty strings whose
    /// pointers dangle than to read the rest of the document.
    fn is(&self, other: &Self) -> bool {
        self.local == other.local
            && self.prefix.len() == other.prefix.len()
            && (self.prefix.is_empty() || self.prefix == other.prefix)
    }
}

/// The open elements.
#[derive(Default)]
struct Open<'a> {
    names: [Name<'a>; MAX_DEPTH],
    depth: usize,
    seen_root: bool,
}

impl<'a> Open<'a> {
    fn push(&mut self, name: Name<'a>) -> Result<(), XmlErrorKind> {
        *self.names.get_mut(self.depth).ok_or(XmlErrorKind::Depth)? = name;
        self.depth = self.depth.saturating_add(1);
        self.seen_root = true;
        Ok(())
    }

    fn pop(&mut self, name: Name<'a>) -> Result<(), XmlErrorKind> {
        let innermost = self.depth.checked_sub(1).ok_or(XmlErrorKind::CrossedTags)?;
        let matches = self.names.get(innermost).is_some_and(|open| open.is(&name));
        if !matches {
            return Err(XmlErrorKind::CrossedTags);
        }
        self.depth = innermost;
        Ok(())
    }

    fn is_after_root(&self) -> bool {
        self.seen_root && self.depth == 0
    }
}

/// The start tag while it is read.
#[derive(Default)]
struct Tag<'a> {
    name: Name<'a>,
    start: usize,
    attributes: Vec<Name<'a>>,
    nil: bool,
}

impl<'a> Tag<'a> {
    fn begin(&mut self, name: Name<'a>, start: usize) {
        self.name = name;
        self.start = start;
        self.attributes.clear();
        self.nil = false;
    }

    fn attribute(&mut self, name: Name<'a>, value: &str) -> Result<(), XmlErrorKind> {
        if self.attributes.len() == MAX_ATTRIBUTES
            || self.attributes.iter().any(|seen| seen.is(&name))
        {
            return Err(XmlErrorKind::Attributes);
        }
        self.attributes.push(name);
        let value = Text::parsed(value).ok_or(XmlErrorKind::Reference)?;
        self.nil |= name.local == "nil" && matches!(&*value.to_str(), "true" | "1");
        Ok(())
    }
}

/// Refuses a name that begins with a colon, which `xmlparser` takes for one without a prefix.
fn refuse_empty_prefix(text: &str, span: &StrSpan<'_>) -> Result<(), XmlError> {
    match span.as_str().as_bytes() {
        [b':', ..] | [b'<', b':', ..] | [b'<', b'/', b':', ..] => {
            Err(at(text, XmlErrorKind::Syntax, span.start()))
        }
        _ => Ok(()),
    }
}

fn utf_8(bytes: &[u8]) -> Result<&str, XmlError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        at(valid, XmlErrorKind::Encoding, valid.len())
    })
}

/// Classifies the tokenizer's error. Its own text quotes the input, so only its position is kept.
#[cold]
fn syntax(text: &str, error: &xmlparser::Error, after_root: bool) -> XmlError {
    let begun = text.trim_start_matches('\u{feff}').trim_start();
    let kind = if begun.starts_with('<') && !text.trim_end().ends_with('>') {
        // A whole document ends with a tag, a comment or a processing instruction.
        XmlErrorKind::Truncated
    } else if matches!(error, xmlparser::Error::InvalidDoctype(..)) {
        XmlErrorKind::Doctype
    } else if after_root {
        XmlErrorKind::Root
    } else {
        XmlErrorKind::Syntax
    };
    XmlError::new(kind, error.pos())
}

#[cold]
fn at(text: &str, kind: XmlErrorKind, offset: usize) -> XmlError {
    XmlError::new(kind, Stream::from(text).gen_text_pos_from(offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use XmlErrorKind as Kind;

    #[derive(Default)]
    struct Shown(String);

    impl<'a> Visit<'a> for Shown {
        fn start(&mut self, name: &'a str, nil: bool) {
            self.0.push('(');
            self.0.push_str(name);
            self.0.push_str(if nil { "! " } else { " " });
        }

        fn text(&mut self, text: Text<'a>) {
            self.0.push_str(&text.to_str());
        }

        fn end(&mut self) {
            self.0.push(')');
        }
    }

    fn shown(text: &[u8]) -> Result<String, XmlError> {
        let mut shown = Shown::default();
        read(text, &mut shown)?;
        Ok(shown.0)
    }

    fn kind(text: &str) -> Kind {
        shown(text.as_bytes()).expect_err(text).kind()
    }

    #[test]
    fn elements_and_text_are_read() {
        for (text, events) in [
            ("<a/>", "(a )"),
            ("\u{feff}<a></a>", "(a )"),
            (
                "<?xml version='1.0' encoding='utf-8'?>\r\n<a>x</a>\n<!-- end -->",
                "(a x)",
            ),
            (
                "<!-- -->\n<?pi?><p:a><p:b/>&amp;<![CDATA[<&amp;]]></p:a>",
                "(a (b )&<&amp;)",
            ),
            (
                r#"<a x="1" y='&gt;' p:x="2"><b i:nil="true"/><c nil="false"/><d nil='&#49;'/></a>"#,
                "(a (b! )(c )(d! ))",
            ),
        ] {
            assert_eq!(shown(text.as_bytes()).as_deref(), Ok(events), "{text}");
        }
    }

    #[test]
    fn text_not_well_formed_or_not_accepted_is_refused() {
        for (text, expected) in [
            ("", Kind::Root),
            ("<!-- -->", Kind::Root),
            ("not xml", Kind::Syntax),
            ("{}>", Kind::Syntax),
            ("<a>", Kind::Truncated),
            ("<a><b></b>", Kind::Truncated),
            ("<a", Kind::Truncated),
            ("<a x='", Kind::Truncated),
            ("</a>", Kind::Syntax),
            ("<a></b>", Kind::CrossedTags),
            ("<a><b></a></b>", Kind::CrossedTags),
            ("<p:a></a>", Kind::CrossedTags),
            ("<a></A>", Kind::CrossedTags),
            ("<a/><b/>", Kind::Root),
            ("<a></a><a></a>", Kind::Root),
            ("<a/>text>", Kind::Root),
            ("<!DOCTYPE a><a/>", Kind::Doctype),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", Kind::Doctype),
            ("<!DOCTYPE><a/>", Kind::Doctype),
            (
                "<?xml version='1.0' encoding='UTF-16'?><a/>",
                Kind::Encoding,
            ),
            ("<?xml\tversion='1.0' encoding='UTF-16'?><a/>", Kind::Syntax),
            ("<a><?xml version='1.0'?></a>", Kind::Syntax),
            ("<a><?XML?></a>", Kind::Syntax),
            ("<?p&?><a/>", Kind::Syntax),
            ("<?p=?><a/>", Kind::Syntax),
            ("<?p<?><a/>", Kind::Syntax),
            ("<?p?x?><a/>", Kind::Syntax),
            ("<a>&nbsp;</a>", Kind::Reference),
            ("<a b='&nbsp;'/>", Kind::Reference),
            ("<a b='1' b='2'/>", Kind::Attributes),
            ("<a b='<'/>", Kind::Syntax),
            ("<a b=1/>", Kind::Syntax),
            ("<a>]]></a>", Kind::Syntax),
            ("<a>\u{1}</a>", Kind::Syntax),
            ("<a><!-- -- --></a>", Kind::Syntax),
            ("<1/>", Kind::Syntax),
            ("<:a/>", Kind::Syntax),
            ("<a></:a>", Kind::Syntax),
            ("<:a></a>", Kind::Syntax),
            ("<a :b=''/>", Kind::Syntax),
            ("<a:/>", Kind::Syntax),
            ("<a b:=''/>", Kind::Syntax),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn depth_and_attributes_are_bounded() {
        let nest = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(shown(nest(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(kind(&nest(MAX_DEPTH + 1)), Kind::Depth);
        assert_eq!(kind(&nest(20_000)), Kind::Depth);
        let attributes = |n: usize| {
            let list: Vec<_> = (0..n).map(|i| format!("a{i}=''")).collect();
            format!("<a {}/>", list.join(" "))
        };
        assert!(shown(attributes(MAX_ATTRIBUTES).as_bytes()).is_ok());
        assert_eq!(kind(&attributes(MAX_ATTRIBUTES + 1)), Kind::Attributes);
    }

    #[test]
    fn errors_have_a_position() {
        let at = |text: &str| {
            let error = shown(text.as_bytes()).unwrap_err();
            (error.line(), error.column())
        };
        assert_eq!(at("<a>\n  <b></c></a>"), (2, 6));
        // The text that holds it begins in the line before.
        assert_eq!(at("<a>\né&x;</a>"), (1, 4));
        assert_eq!(at("<a>é<b/>&x;</a>"), (1, 9));
        let error = shown(b"<a>\n<b>\xff").unwrap_err();
        assert_eq!(error.kind(), Kind::Encoding);
        assert_eq!((error.line(), error.column()), (2, 4));
    }

    #[test]
    fn document_cut_anywhere_is_an_error() {
        let whole =
            "<?xml version=\"1.0\"?>\r\n<a b='c'><!-- d --><e>f&amp;<![CDATA[g]]></e><h/></a>";
        assert!(shown(whole.as_bytes()).is_ok());
        for end in 0..whole.len() {
            let kind = kind(&whole[..end]);
            let expected = matches!(
                kind,
                Kind::Truncated | Kind::Root | Kind::Reference | Kind::Syntax
            );
            assert!(expected, "{end}: {kind:?}");
        }
    }
}
