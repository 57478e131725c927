//! The stored form of a token's parts, by the feature `serde`.

use std::fmt;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeStruct, Serializer};
use zeroize::Zeroizing;

use super::TokenParts;
use crate::secret::secret_string;

/// The number of this form.
const FORMAT: u64 = 1;

/// The names of the fields, in their order.
const FIELDS: [&str; 9] = [
    "format",
    "scheme",
    "access_token",
    "expires_at",
    "refresh_token",
    "refresh_expires_at",
    "base_url",
    "scope",
    "id_token",
];

impl Serialize for TokenParts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn expose(secret: Option<&SecretString>) -> Option<&str> {
            secret.map(ExposeSecret::expose_secret)
        }
        let seconds = |at: Option<SystemTime>| {
            let since = at.map(|at| at.duration_since(SystemTime::UNIX_EPOCH));
            let since = since.transpose().map_err(|_| {
                S::Error::custom("an expiry before 1970 cannot be stored: leave it out")
            })?;
            Ok(since.map(|since| since.as_secs()))
        };
        let [
            format,
            scheme,
            access,
            expires,
            refresh,
            refresh_expires,
            base_url,
            scope,
            id,
        ] = FIELDS;
        let mut fields = serializer.serialize_struct("TokenParts", FIELDS.len())?;
        fields.serialize_field(format, &FORMAT)?;
        fields.serialize_field(scheme, self.scheme.as_str())?;
        fields.serialize_field(access, self.token.expose_secret())?;
        fields.serialize_field(expires, &seconds(self.expires_at)?)?;
        fields.serialize_field(refresh, &expose(self.refresh_token.as_ref()))?;
        fields.serialize_field(refresh_expires, &seconds(self.refresh_expires_at)?)?;
        fields.serialize_field(base_url, &self.base_url.to_string())?;
        fields.serialize_field(scope, &self.scope)?;
        fields.serialize_field(id, &expose(self.id_token.as_ref()))?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for TokenParts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("TokenParts", &FIELDS, Form)
    }
}

/// Reads the form: from a map in any order, or from a list in this one.
struct Form;

impl<'de> Visitor<'de> for Form {
    type Value = TokenParts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored parts of a token")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TokenParts, A::Error> {
        let mut map = Map(map);
        let mut values = Values::default();
        while let Some(name) = map.0.next_key::<String>()? {
            match FIELDS.into_iter().find(|known| *known == name) {
                Some(name) => values.read(name, &mut map)?,
                None => drop(map.0.next_value::<IgnoredAny>()?),
            }
        }
        values.into_parts()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<TokenParts, A::Error> {
        let mut seq = Seq(seq);
        let mut values = Values::default();
        for name in FIELDS {
            values.read(name, &mut seq)?;
        }
        values.into_parts()
    }
}

/// Where values come from.
trait Source<'de> {
    type Error: serde::de::Error;

    fn next<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Self::Error>;
}

struct Map<A>(A);

impl<'de, A: MapAccess<'de>> Source<'de> for Map<A> {
    type Error = A::Error;

    fn next<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, A::Error> {
        self.0.next_value().map(Some)
    }
}

struct Seq<A>(A);

impl<'de, A: SeqAccess<'de>> Source<'de> for Seq<A> {
    type Error = A::Error;

    fn next<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, A::Error> {
        self.0.next_element()
    }
}

/// The values that were read so far.
#[derive(Default)]
struct Values {
    format: Option<u64>,
    scheme: Option<String>,
    access_token: Option<Secret>,
    expires_at: Option<Nullable<u64>>,
    refresh_token: Option<Nullable<Secret>>,
    refresh_expires_at: Option<Nullable<u64>>,
    base_url: Option<String>,
    scope: Option<Nullable<String>>,
    id_token: Option<Nullable<Secret>>,
}

impl Values {
    fn read<'de, S: Source<'de>>(
        &mut self,
        name: &'static str,
        source: &mut S,
    ) -> Result<(), S::Error> {
        match name {
            "format" => put(&mut self.format, name, source),
            "scheme" => put(&mut self.scheme, name, source),
            "access_token" => put(&mut self.access_token, name, source),
            "expires_at" => put(&mut self.expires_at, name, source),
            "refresh_token" => put(&mut self.refresh_token, name, source),
            "refresh_expires_at" => put(&mut self.refresh_expires_at, name, source),
            "base_url" => put(&mut self.base_url, name, source),
            "scope" => put(&mut self.scope, name, source),
            _ => put(&mut self.id_token, name, source),
        }
    }

    fn into_parts<E: serde::de::Error>(self) -> Result<TokenParts, E> {
        let missing = |name| E::custom(format_args!("{name} is missing"));
        match self.format.ok_or_else(|| missing("format"))? {
            FORMAT => {}
            other => {
                return Err(E::custom(format_args!(
                    "format {other} is not known: it was stored by another version"
                )));
            }
        }
        let time = |seconds: Option<Nullable<u64>>, name| {
            let after = seconds.and_then(|it| it.0).map(Duration::from_secs);
            let at = after.map(|after| SystemTime::UNIX_EPOCH.checked_add(after));
            let too_late = || E::custom(format_args!("{name} is later than any time"));
            at.map(|at| at.ok_or_else(too_late)).transpose()
        };
        let scheme = self.scheme.ok_or_else(|| missing("scheme"))?;
        let base_url = self.base_url.ok_or_else(|| missing("base_url"))?;
        Ok(TokenParts {
            scheme: scheme.parse().map_err(E::custom)?,
            token: self.access_token.ok_or_else(|| missing("access_token"))?.0,
            expires_at: time(self.expires_at, "expires_at")?,
            refresh_token: self.refresh_token.and_then(|it| it.0).map(|it| it.0),
            refresh_expires_at: time(self.refresh_expires_at, "refresh_expires_at")?,
            base_url: base_url.parse().map_err(E::custom)?,
            scope: self.scope.and_then(|it| it.0),
            id_token: self.id_token.and_then(|it| it.0).map(|it| it.0),
        })
    }
}

/// Reads a value into its place, once. The error of a value would repeat it, and it can be a secret.
fn put<'de, T: Deserialize<'de>, S: Source<'de>>(
    place: &mut Option<T>,
    name: &'static str,
    source: &mut S,
) -> Result<(), S::Error> {
    if place.is_some() {
        return Err(S::Error::custom(format_args!("{name} is given twice")));
    }
    let value = source.next();
    *place = value.map_err(|_| S::Error::custom(format_args!("{name} cannot be read")))?;
    Ok(())
}

/// A value that can be null, which is not the same as one that was not read.
struct Nullable<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self)
    }
}

/// A text that is wiped.
struct Secret(SecretString);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Ok(Self(secret_string(&text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BaseUrl;
    use crate::token::TokenScheme;
    use proptest::prelude::*;

    /// As it was written by the first version that had the form.
    const STORED: &str = r#"{"format":1,"scheme":"Bearer","access_token":"eyJ0","expires_at":1790000000,"refresh_token":"abc","refresh_expires_at":null,"base_url":"https://eu2.api.concursolutions.com","scope":"openid","id_token":null}"#;

    fn read(text: &str) -> Result<TokenParts, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn stored_sample_is_read_and_written_as_it_is() {
        let parts = read(STORED).unwrap();
        assert_eq!(parts.base_url, BaseUrl::EU2);
        assert_eq!(parts.token.expose_secret(), "eyJ0");
        let expires_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        assert_eq!(parts.expires_at, Some(expires_at));
        assert_eq!(serde_json::to_string(&parts).unwrap(), STORED);
    }

    #[test]
    fn fields_come_in_any_order_and_further_ones_are_ignored() {
        let text = r#"{"more":{"a":[1]},"base_url":"https://eu2.api.concursolutions.com","access_token":"t","scheme":"oauth","format":1}"#;
        let parts = read(text).unwrap();
        assert_eq!(parts.scheme, TokenScheme::OAuth);
        assert!(parts.expires_at.is_none() && parts.refresh_token.is_none());
        let list = r#"[1,"Bearer","t",null,"r",7,"https://eu2.api.concursolutions.com",null,"i"]"#;
        let parts = read(list).unwrap();
        assert_eq!(parts.refresh_token.unwrap().expose_secret(), "r");
        assert_eq!(parts.id_token.unwrap().expose_secret(), "i");
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_shown() {
        for (from, to, expected) in [
            ("\"format\":1", "\"format\":2", "format 2 is not known"),
            ("\"format\":1,", "", "format is missing"),
            (
                "\"format\":1",
                "\"format\":\"s3cret\"",
                "format cannot be read",
            ),
            ("Bearer", "s3cret", "the token scheme is neither"),
            ("\"eyJ0\"", "53307", "access_token cannot be read"),
            ("\"access_token\":\"eyJ0\",", "", "access_token is missing"),
            ("1790000000", "\"s3cret\"", "expires_at cannot be read"),
            ("1790000000", "-1", "expires_at cannot be read"),
            ("1790000000", "18446744073709551615", "expires_at is later"),
            (
                "\"abc\"",
                "{\"a\":\"s3cret\"}",
                "refresh_token cannot be read",
            ),
            ("https://eu2", "http://s3cret", "the base URL is plain http"),
            ("\"scope\"", "\"expires_at\"", "expires_at is given twice"),
        ] {
            assert!(STORED.contains(from), "{from}");
            let error = read(&STORED.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(
                !error.contains("s3cret") && !error.contains("53307"),
                "{error}"
            );
        }
        assert!(
            read(r#"[1,"Bearer"]"#)
                .unwrap_err()
                .contains("base_url is missing")
        );
    }

    #[test]
    fn time_before_1970_is_not_stored() {
        let mut parts = read(STORED).unwrap();
        parts.expires_at = Some(SystemTime::UNIX_EPOCH - Duration::from_secs(1));
        assert!(serde_json::to_string(&parts).is_err());
    }

    proptest! {
        #[test]
        fn parts_survive_storage(token in ".{1,40}", refresh in proptest::option::of(".{0,40}"), seconds in proptest::option::of(0..1_u64 << 39), scope in proptest::option::of(".{0,40}")) {
            let mut parts = TokenParts::new(TokenScheme::OAuth, token.clone(), BaseUrl::US2);
            let at = seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            parts.refresh_token = refresh.clone().map(Into::into);
            parts.refresh_expires_at = at;
            parts.scope = scope.clone();
            let text = serde_json::to_string(&parts).unwrap();
            let parts = read(&text).unwrap();
            prop_assert_eq!(parts.token.expose_secret(), token.as_str());
            let stored = parts.refresh_token.as_ref().map(ExposeSecret::expose_secret);
            prop_assert_eq!(stored, refresh.as_deref());
            prop_assert_eq!((parts.refresh_expires_at, parts.expires_at), (at, None));
            prop_assert_eq!(parts.scope, scope);
        }
    }
}
