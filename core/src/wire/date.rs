//! Dates as Concur writes them, all in UTC.

use std::fmt;
use std::time::{Duration, SystemTime};

use jiff::civil::DateTime;

// Not `Timestamp`, which leaves room for offsets and so has no last day of 9999: that day is .NET's way to say never.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
const LAST: DateTime = DateTime::constant(9999, 12, 31, 23, 59, 59, 0);

/// A time, shown as people and machines read it: RFC 3339, in UTC and whole seconds.
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use std::time::{Duration, SystemTime};
///
/// use concur_oauth::Rfc3339;
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610);
/// assert_eq!(Rfc3339(time).to_string(), "2016-09-25T13:36:50Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rfc3339(pub SystemTime);

impl fmt::Display for Rfc3339 {
    /// Writes the time. Before 1970 it is the beginning of 1970, and past the year 9999 its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.0.duration_since(SystemTime::UNIX_EPOCH);
        let whole = Duration::from_secs(since.unwrap_or_default().as_secs());
        write!(f, "{}Z", EPOCH.checked_add(whole).unwrap_or(LAST))
    }
}

/// Reads a date such as `9/25/2016 1:36:50 PM`: month first, twelve-hour, no zero padding.
///
/// `None` for anything else, and for a date before 1970.
pub(crate) fn month_first(text: &str) -> Option<SystemTime> {
    let mut rest = text.as_bytes();
    let month = number(&mut rest, b'/')?;
    let day = number(&mut rest, b'/')?;
    let year = number(&mut rest, b' ')?;
    let hour = number(&mut rest, b':')?;
    let minute = number(&mut rest, b':')?;
    let second = number(&mut rest, b' ')?;
    let half: i16 = if rest.eq_ignore_ascii_case(b"AM") {
        0
    } else if rest.eq_ignore_ascii_case(b"PM") {
        12
    } else {
        return None;
    };
    let hour = match hour {
        12 => half,
        1..=11 => half.checked_add(hour)?,
        _ => return None,
    };
    instant(year, [month, day, hour, minute, second])
}

/// Reads a date such as `2016-09-25T13:36:50`, with a fraction of a second, which is dropped, or without.
///
/// `None` for anything else, and for a date before 1970.
pub(crate) fn year_first(text: &str) -> Option<SystemTime> {
    let mut rest = text.as_bytes();
    let year = number(&mut rest, b'-')?;
    let month = number(&mut rest, b'-')?;
    let day = number(&mut rest, b'T')?;
    let hour = number(&mut rest, b':')?;
    let minute = number(&mut rest, b':')?;
    let mut seconds = rest
        .strip_suffix(b"Z")
        .unwrap_or(rest)
        .splitn(2, |byte| *byte == b'.');
    let [tens @ b'0'..=b'9', units @ b'0'..=b'9'] = seconds.next()? else {
        return None;
    };
    let second = i16::from(tens.checked_sub(b'0')?)
        .checked_mul(10)?
        .checked_add(i16::from(units.checked_sub(b'0')?))?;
    let fraction = seconds.next().unwrap_or(b"0");
    if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    instant(year, [month, day, hour, minute, second])
}

/// Returns the instant of a date. `None` for a date that does not exist.
fn instant(year: i16, rest: [i16; 5]) -> Option<SystemTime> {
    let [month, day, hour, minute, second] = rest.map(|number| i8::try_from(number).unwrap_or(-1));
    let date = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let since = date.duration_since(EPOCH).as_secs();
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(since).ok()?))
}

/// Takes a number of one to four digits and the separator after it.
fn number(rest: &mut &[u8], separator: u8) -> Option<i16> {
    let mut number: i16 = 0;
    for digits in 0..=4 {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        if byte == separator && digits > 0 {
            return Some(number);
        }
        let digit = i16::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
        number = number.checked_mul(10)?.checked_add(digit)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn documented_dates_are_read() {
        // date -u -d '2016-09-25 13:36:50' +%s
        for (text, seconds) in [
            ("9/25/2016 1:36:50 PM", 1_474_810_610),
            ("6/1/2014 8:00:00 AM", 1_401_609_600),
            ("3/30/2013 1:11:11 PM", 1_364_649_071),
            ("12/31/2026 12:00:00 AM", 1_798_675_200),
            ("12/31/2026 12:00:00 PM", 1_798_718_400),
            ("02/29/2024 01:02:03 am", 1_709_168_523),
            ("9/25/2016 1:36:50 pm", 1_474_810_610),
            ("1/1/1970 12:00:00 AM", 0),
            ("12/31/9999 11:59:59 PM", 253_402_300_799),
        ] {
            let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(month_first(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn time_is_shown_in_whole_seconds_and_within_bounds() {
        let shown = |time| Rfc3339(time).to_string();
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(
            shown(epoch + Duration::from_millis(1900)),
            "1970-01-01T00:00:01Z"
        );
        assert_eq!(
            shown(epoch - Duration::from_secs(1)),
            "1970-01-01T00:00:00Z"
        );
        // Windows has times until the year 30828.
        let far = epoch + Duration::from_secs(1 << 39);
        assert_eq!(shown(far), "9999-12-31T23:59:59Z");
        let never = month_first("12/31/9999 11:59:59 PM").unwrap();
        assert_eq!(shown(never), "9999-12-31T23:59:59Z");
        assert_eq!(
            shown(epoch + Duration::from_secs(1_474_810_610)),
            "2016-09-25T13:36:50Z"
        );
    }

    #[test]
    fn other_dates_are_unreadable() {
        for text in [
            "",
            "tomorrow",
            "2016-09-25T13:36:50Z",
            "25/9/2016 1:36:50 PM",
            "2/30/2016 1:36:50 PM",
            "9/25/16 1:36:50 PM",
            "9/25/20161:36:50 PM",
            "9/25/2016 1:36:50PM",
            "9/25/2016 13:36:50",
            "9/25/2016 13:36:50 PM",
            "9/25/2016 0:36:50 PM",
            "9/25/2016 1:60:50 PM",
            "9/25/2016 1:36:50 PM GMT",
            "9/25/-2016 1:36:50 PM",
            "9/25/+2016 1:36:50 PM",
            "9/25/2016 1:36:60 PM",
            "9/25/2016/1 1:36:50 PM",
            "9/25/2016  1:36:50 PM",
            "259/25/2016 1:36:50 PM",
            "2/29/2023 1:36:50 PM",
            "9/25/99999 1:36:50 PM",
            "9/25/2016 1::50 PM",
            "9/1:/2016 1:36:50 PM",
            "12/31/1969 11:59:59 PM",
        ] {
            assert_eq!(month_first(text), None, "{text:?}");
        }
    }

    #[test]
    fn year_first_dates_are_read() {
        for text in [
            "2016-09-25T13:36:50",
            "2016-09-25T13:36:50Z",
            "2016-09-25T13:36:50.123",
            "2016-09-25T13:36:50.0000000Z",
        ] {
            let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610);
            assert_eq!(year_first(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "2016-09-25",
            "2016-09-25 13:36:50",
            "2016-09-25T13:36",
            "2016-09-25T13:36:5",
            "2016-09-25T13:36:501",
            "2016-09-25T13:36:60",
            "2016-09-25T24:00:00",
            "2016-02-30T13:36:50",
            "2016-09-25T13:36:50.",
            "2016-09-25T13:36:50.x",
            "2016-09-25T13:36:50+02:00",
            "2016-09-25T13:36:50-0700",
            "1969-12-31T23:59:59",
            "9/25/2016 1:36:50 PM",
        ] {
            assert_eq!(year_first(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in prop_oneof![any::<String>(), "[0-9/: APMTZ.-]{0,24}"]) {
            let _ = month_first(&text);
            let _ = year_first(&text);
        }

        /// A second opinion: days counted by hand.
        #[test]
        fn every_second_is_read_as_written(seconds in 0..253_402_300_800_u64) {
            let (days, second) = (seconds / 86_400, seconds % 86_400);
            let mut year = 1970;
            let mut left = days;
            let leap = |y: u64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
            while left >= 365 + u64::from(leap(year)) {
                left -= 365 + u64::from(leap(year));
                year += 1;
            }
            let february = 28 + u64::from(leap(year));
            let mut month = 1;
            for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
                if left < length {
                    break;
                }
                left -= length;
                month += 1;
            }
            let (hour, half) = (second / 3600, if second < 43_200 { "AM" } else { "PM" });
            let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
            let text = format!(
                "{month}/{}/{year} {hour}:{:02}:{:02} {half}",
                left + 1, second / 60 % 60, second % 60
            );
            prop_assert_eq!(
                month_first(&text),
                Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
                "{}", text
            );
            let text = format!(
                "{year:04}-{month:02}-{:02}T{hour:02}:{:02}:{:02}",
                left + 1, second / 60 % 60, second % 60, hour = second / 3600
            );
            prop_assert_eq!(
                year_first(&text),
                Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
                "{}", text
            );
        }
    }
}
