//! A pull reader of well-formed elements and text.

use std::borrow::Cow;

use xmlparser::{ElementEnd, StrSpan, Stream, Token, Tokenizer};

use super::text;
use super::{XmlError, XmlErrorKind};

const MAX_DEPTH: usize = 16;
const MAX_ATTRIBUTES: usize = 32;

/// A step through a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// An element begins.
    Start {
        /// Its name without prefix.
        name: &'a str,
        /// Whether it says of itself that it holds nothing: `nil="true"`, under any prefix.
        nil: bool,
    },
    /// Text inside the element that was begun last: there can be several in a row.
    Text(Cow<'a, str>),
    /// The element that was begun last ends.
    End,
}

/// A name with its prefix, as tags must agree on.
type Name<'a> = (&'a str, &'a str);

/// Reads a document event by event. After an error it goes no further.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    tokens: Tokenizer<'a>,
    open: [Name<'a>; MAX_DEPTH],
    depth: usize,
    /// The element just begun was `<empty/>`, and its end is due.
    empty: bool,
    seen_root: bool,
}

impl<'a> Reader<'a> {
    /// A reader of this text. A byte order mark is skipped.
    ///
    /// # Errors
    ///
    /// [`XmlError`] where the bytes are not UTF-8.
    pub fn new(bytes: &'a [u8]) -> Result<Self, XmlError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let valid = std::str::from_utf8(valid).unwrap_or_default();
            let position = Stream::from(valid).gen_text_pos_from(valid.len());
            XmlError::new(XmlErrorKind::Encoding, position)
        })?;
        Ok(Self {
            text,
            tokens: Tokenizer::from(text),
            open: [("", ""); MAX_DEPTH],
            depth: 0,
            empty: false,
            seen_root: false,
        })
    }

    /// The next event; `None` at the end of a whole document.
    ///
    /// # Errors
    ///
    /// [`XmlError`] where the text is not well-formed or not accepted.
    #[expect(
        clippy::should_implement_trait,
        reason = "its errors make it no iterator"
    )]
    pub fn next(&mut self) -> Result<Option<Event<'a>>, XmlError> {
        if self.empty {
            self.empty = false;
            self.depth = self.depth.saturating_sub(1);
            return Ok(Some(Event::End));
        }
        while let Some(token) = self.tokens.next() {
            match token.map_err(|error| self.syntax(&error))? {
                Token::Declaration { encoding, span, .. } => {
                    if encoding.is_some_and(|name| !name.as_str().eq_ignore_ascii_case("utf-8")) {
                        return Err(self.error(XmlErrorKind::Encoding, span));
                    }
                }
                // A declaration in any but its one place, or with a tab after `<?xml`.
                Token::ProcessingInstruction { target, span, .. }
                    if target.as_str().eq_ignore_ascii_case("xml") =>
                {
                    return Err(self.error(XmlErrorKind::Syntax, span));
                }
                Token::ProcessingInstruction { .. } | Token::Comment { .. } => {}
                Token::DtdStart { span, .. } | Token::EmptyDtd { span, .. } => {
                    return Err(self.error(XmlErrorKind::Doctype, span));
                }
                Token::ElementStart {
                    prefix,
                    local,
                    span,
                } => {
                    return self
                        .start((prefix.as_str(), local.as_str()), span)
                        .map(Some);
                }
                Token::ElementEnd {
                    end: ElementEnd::Close(prefix, local),
                    span,
                } => return self.end((prefix.as_str(), local.as_str()), span).map(Some),
                Token::Text { text } => {
                    let expanded = text::expand(text.as_str())
                        .ok_or_else(|| self.error(XmlErrorKind::Reference, text))?;
                    return Ok(Some(Event::Text(expanded)));
                }
                Token::Cdata { text, .. } => {
                    return Ok(Some(Event::Text(text::normalize(text.as_str()))));
                }
                Token::Attribute { span, .. }
                | Token::ElementEnd { span, .. }
                | Token::EntityDeclaration { span, .. }
                | Token::DtdEnd { span } => {
                    return Err(self.error(XmlErrorKind::Syntax, span));
                }
            }
        }
        if self.depth > 0 {
            return Err(self.at_end(XmlErrorKind::Truncated));
        }
        if !self.seen_root {
            return Err(self.at_end(XmlErrorKind::Root));
        }
        Ok(None)
    }

    /// Reads the rest of a start tag.
    fn start(&mut self, name: Name<'a>, span: StrSpan<'a>) -> Result<Event<'a>, XmlError> {
        let mut nil = false;
        let end = match self.in_tag()? {
            Token::ElementEnd { end, .. } => end,
            first => self.attributes(first, &mut nil)?,
        };
        let Some(slot) = self.open.get_mut(self.depth) else {
            return Err(self.error(XmlErrorKind::Depth, span));
        };
        *slot = name;
        self.depth = self.depth.saturating_add(1);
        self.seen_root = true;
        self.empty = end == ElementEnd::Empty;
        Ok(Event::Start { name: name.1, nil })
    }

    /// Reads attributes up to the end of the tag. Apart from `start`, because most tags have none
    /// and the list of names seen is large.
    fn attributes(&mut self, first: Token<'a>, nil: &mut bool) -> Result<ElementEnd<'a>, XmlError> {
        let mut names: [Name<'a>; MAX_ATTRIBUTES] = [("", ""); MAX_ATTRIBUTES];
        let mut count: usize = 0;
        let mut token = first;
        loop {
            match token {
                Token::Attribute {
                    prefix,
                    local,
                    value,
                    span,
                } => {
                    let name = (prefix.as_str(), local.as_str());
                    let repeated = names.iter().take(count).any(|seen| *seen == name);
                    let Some(slot) = names.get_mut(count).filter(|_| !repeated) else {
                        return Err(self.error(XmlErrorKind::Attributes, span));
                    };
                    *slot = name;
                    count = count.saturating_add(1);
                    if !text::references_are_sound(value.as_str()) {
                        return Err(self.error(XmlErrorKind::Reference, value));
                    }
                    *nil |= name.1 == "nil" && matches!(value.as_str(), "true" | "1");
                }
                Token::ElementEnd { end, .. } => return Ok(end),
                _ => return Err(self.at_end(XmlErrorKind::Syntax)),
            }
            token = self.in_tag()?;
        }
    }

    fn in_tag(&mut self) -> Result<Token<'a>, XmlError> {
        match self.tokens.next() {
            Some(Ok(token)) => Ok(token),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Err(self.at_end(XmlErrorKind::Truncated)),
        }
    }

    fn end(&mut self, name: Name<'a>, span: StrSpan<'a>) -> Result<Event<'a>, XmlError> {
        let innermost = self.depth.checked_sub(1);
        if innermost.and_then(|at| self.open.get(at)) != Some(&name) {
            return Err(self.error(XmlErrorKind::CrossedTags, span));
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(Event::End)
    }

    /// What the tokenizer's complaint means. Its own text quotes the input, so only its place is kept.
    #[cold]
    fn syntax(&self, error: &xmlparser::Error) -> XmlError {
        let kind = if !self.text.trim_end().ends_with('>') {
            // A whole document ends with a tag, a comment or a processing instruction.
            XmlErrorKind::Truncated
        } else if matches!(error, xmlparser::Error::InvalidDoctype(..)) {
            XmlErrorKind::Doctype
        } else if self.seen_root && self.depth == 0 {
            XmlErrorKind::Root
        } else {
            XmlErrorKind::Syntax
        };
        XmlError::new(kind, error.pos())
    }

    #[cold]
    fn error(&self, kind: XmlErrorKind, span: StrSpan<'a>) -> XmlError {
        let position = Stream::from(self.text).gen_text_pos_from(span.start());
        XmlError::new(kind, position)
    }

    #[cold]
    fn at_end(&self, kind: XmlErrorKind) -> XmlError {
        let position = Stream::from(self.text).gen_text_pos_from(self.text.len());
        XmlError::new(kind, position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use XmlErrorKind as Kind;

    fn read(text: &str) -> Result<String, XmlError> {
        let mut reader = Reader::new(text.as_bytes())?;
        let mut shown = String::new();
        while let Some(event) = reader.next()? {
            match event {
                Event::Start { name, nil } => {
                    shown.push('(');
                    shown.push_str(name);
                    shown.push_str(if nil { "! " } else { " " });
                }
                Event::Text(text) => shown.push_str(&text),
                Event::End => shown.push(')'),
            }
        }
        Ok(shown)
    }

    fn kind(text: &str) -> Kind {
        read(text).expect_err(text).kind()
    }

    #[test]
    fn elements_text_and_what_is_skipped() {
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
                r#"<a x="1" y='&gt;' p:x="2"><b i:nil="true"/><c nil="false"/></a>"#,
                "(a (b! )(c ))",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Ok(events), "{text}");
        }
    }

    #[test]
    fn what_is_not_well_formed_or_not_accepted_is_refused() {
        for (text, expected) in [
            ("", Kind::Root),
            ("<!-- -->", Kind::Root),
            ("not xml", Kind::Truncated),
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
            ("<a>&nbsp;</a>", Kind::Reference),
            ("<a b='&nbsp;'/>", Kind::Reference),
            ("<a b='1' b='2'/>", Kind::Attributes),
            ("<a b='<'/>", Kind::Syntax),
            ("<a b=1/>", Kind::Syntax),
            ("<a>]]></a>", Kind::Syntax),
            ("<a>\u{1}</a>", Kind::Syntax),
            ("<a><!-- -- --></a>", Kind::Syntax),
            ("<1/>", Kind::Syntax),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn depth_and_attributes_are_bounded() {
        let nest = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(read(&nest(MAX_DEPTH)).is_ok());
        assert_eq!(kind(&nest(MAX_DEPTH + 1)), Kind::Depth);
        assert_eq!(kind(&nest(20_000)), Kind::Depth);
        let attributes = |n: usize| {
            let list: Vec<_> = (0..n).map(|i| format!("a{i}=''")).collect();
            format!("<a {}/>", list.join(" "))
        };
        assert!(read(&attributes(MAX_ATTRIBUTES)).is_ok());
        assert_eq!(kind(&attributes(MAX_ATTRIBUTES + 1)), Kind::Attributes);
    }

    #[test]
    fn errors_say_where() {
        let at = |text| {
            let error = read(text).unwrap_err();
            (error.line(), error.column())
        };
        assert_eq!(at("<a>\n  <b></c></a>"), (2, 6));
        // The text that holds it begins in the line before.
        assert_eq!(at("<a>\né&x;</a>"), (1, 4));
        assert_eq!(at("<a>é<b/>&x;</a>"), (1, 9));
        let error = Reader::new(b"<a>\n<b>\xff").unwrap_err();
        assert_eq!(error.kind(), Kind::Encoding);
        assert_eq!((error.line(), error.column()), (2, 4));
    }

    #[test]
    fn a_document_cut_anywhere_is_cut_short() {
        let whole =
            "<?xml version=\"1.0\"?>\r\n<a b='c'><!-- d --><e>f&amp;<![CDATA[g]]></e><h/></a>";
        assert!(read(whole).is_ok());
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
