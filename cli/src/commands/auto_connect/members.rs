//! The supplier's members, from a file.

use std::collections::HashMap;
use std::path::Path;

use concur_oauth::auto_connect::{ConnectionRequest, Outcome};

use crate::failure::Failure;

/// The members: last names, where they are to be checked, by loyalty number.
pub(super) struct Members(HashMap<String, Option<String>>);

impl Members {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!(
                "cannot read members from {}: {error}",
                path.display()
            ))
        })?;
        let members = Self::parse(&text).map_err(|(line, what)| {
            let path = path.display();
            Failure::usage(format!(
                "cannot read members from {path}: line {line} {what}: a line is a loyalty number, and perhaps a \
                 comma and a last name"
            ))
        })?;
        if members.0.is_empty() {
            let path = path.display();
            return Err(Failure::usage(format!(
                "there are no members in {path}: name some"
            )));
        }
        Ok(members)
    }

    pub(super) fn demo() -> Self {
        let named = [
            ("1001", Some("Jones")),
            ("1002", Some("Smith")),
            ("1003", None),
        ];
        let owned = named.map(|(number, name)| (number.to_owned(), name.map(str::to_owned)));
        Self(owned.into())
    }

    /// Parses the file. Empty lines and those that begin with `#` are ignored. An error is the number of a line and
    /// what is wrong with it.
    fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut members = HashMap::new();
        // Spreadsheets begin a text in UTF-8 with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (number, name) = Self::member(line).map_err(|what| (index + 1, what))?;
            if members.insert(number, name).is_some() {
                return Err((index + 1, "repeats a loyalty number"));
            }
        }
        Ok(Self(members))
    }

    /// Parses one line. With a table of another form every user would be refused, so that is an error.
    fn member(line: &str) -> Result<(String, Option<String>), &'static str> {
        let (number, name) = match line.split_once(',') {
            Some((number, name)) => (number.trim(), Some(name.trim())),
            None => (line, None),
        };
        if line.contains(|odd: char| matches!(odd, '"' | ';') || odd.is_control()) {
            Err("has a quotation mark, a semicolon, a tab or another control character")
        } else if number.is_empty() {
            Err("has no loyalty number")
        } else if name == Some("") {
            Err("has a comma and no last name")
        } else if name.is_some_and(|name| name.contains(',')) {
            Err("has more than two columns")
        } else {
            Ok((number.to_owned(), name.map(str::to_owned)))
        }
    }

    /// Returns the outcome of a connection request.
    pub(super) fn outcome(&self, request: &ConnectionRequest) -> Outcome {
        let number = request.loyalty_number();
        let member = number.and_then(|number| self.0.get(number));
        let is_named = |name: &String| {
            let last = request.last_name().unwrap_or_default();
            name.to_lowercase() == last.to_lowercase()
        };
        match member {
            None => Outcome::LoyaltyNumberNotFound,
            Some(Some(name)) if !is_named(name) => Outcome::NameMismatch,
            Some(_) => Outcome::Connected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_member() {
        let members = Members::parse("# members\n\n 0042 , O'Hara \r\n7\n").unwrap();
        assert_eq!(members.0["0042"].as_deref(), Some("O'Hara"));
        assert_eq!(members.0["7"], None);
        assert!(Members::parse("\u{feff}1,Doe").unwrap().0.contains_key("1"));
        for wrong in [
            "1\n,Jo",
            "1\n2,",
            "1\n1",
            "1\n\"2\",\"Jo\"",
            "1\n2;Jo",
            "1\n2\tJo",
            "1\n2,Jo,A",
            "1\n2\r3",
        ] {
            let (line, _) = Members::parse(wrong).err().unwrap();
            assert_eq!(line, 2, "{wrong:?}");
        }
    }
}
