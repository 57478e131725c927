//! Times as text.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

/// Reads a time such as `5s`, `200ms`, `15m`, `1h`, `30d`, or a number of seconds.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let seconds = match unit {
        "ms" => return Some(Duration::from_millis(number)),
        "s" | "" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// Writes a time so that [`parse_duration`] reads it.
pub(crate) fn text_of(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_millis())
    }
}

/// Writes a moment like `2026-11-29T06:50:00Z`. Outside of the years that jiff knows, the text is empty.
pub(crate) fn moment(time: SystemTime) -> String {
    Timestamp::try_from(time)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .unwrap_or_default()
}

/// Writes a moment with its milliseconds, like `2026-11-29T06:50:00.250Z`.
pub(crate) fn exact_moment(time: SystemTime) -> String {
    Timestamp::try_from(time)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        .unwrap_or_default()
}

/// Writes a moment as HTTP does: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
pub(crate) fn date(time: SystemTime) -> String {
    Timestamp::try_from(time)
        .map(|time| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

/// Reads a moment like `2026-11-29T06:50:00Z`.
pub(crate) fn parse_moment(text: &str) -> Option<SystemTime> {
    text.parse::<Timestamp>().ok().map(SystemTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, milliseconds) in [
            ("5", 5000),
            ("5s", 5000),
            ("200ms", 200),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("30d", 2_592_000_000),
        ] {
            let duration = parse_duration(text).unwrap();
            assert_eq!(duration, Duration::from_millis(milliseconds));
            assert_eq!(parse_duration(&text_of(duration)), Some(duration));
        }
        for text in [
            "",
            "s",
            "-1s",
            "1 s",
            "1w",
            "1.5s",
            "99999999999999999999s",
            "999999999999999999d",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
        let at = parse_moment("2026-11-29T06:50:00Z").unwrap();
        assert_eq!(moment(at), "2026-11-29T06:50:00Z");
        let later = at + Duration::from_millis(250);
        assert_eq!(exact_moment(later), "2026-11-29T06:50:00.250Z");
        assert_eq!(exact_moment(at), "2026-11-29T06:50:00.000Z");
        assert_eq!(parse_moment("tomorrow"), None);
    }
}
