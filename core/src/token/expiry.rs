//! `Expiration_date`, as Concur writes it.

use std::time::{Duration, SystemTime};

use jiff::fmt::strtime;
use jiff::tz::Offset;

/// Reads a date such as `9/25/2016 1:36:50 PM`: UTC, month first, twelve-hour, no zero padding.
///
/// `None` for anything else, and for a date before 1970.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    // jiff takes any white space, or none, where the pattern has a space, and short years.
    let (date, time) = text.split_once(' ')?;
    if date.len().checked_sub(date.rfind('/')?)? != "/2016".len() || !time.contains(' ') {
        return None;
    }
    let date = strtime::parse("%m/%d/%Y %I:%M:%S %p", text).ok()?;
    let instant = Offset::UTC.to_timestamp(date.to_datetime().ok()?).ok()?;
    let seconds = u64::try_from(instant.as_second()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn documented_dates() {
        // date -u -d '2016-09-25 13:36:50' +%s
        for (text, seconds) in [
            ("9/25/2016 1:36:50 PM", 1_474_810_610),
            ("6/1/2014 8:00:00 AM", 1_401_609_600),
            ("3/30/2013 1:11:11 PM", 1_364_649_071),
            ("12/31/2026 12:00:00 AM", 1_798_675_200),
            ("12/31/2026 12:00:00 PM", 1_798_718_400),
            ("02/29/2024 01:02:03 am", 1_709_168_523),
            ("1/1/1970 12:00:00 AM", 0),
        ] {
            let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_unreadable() {
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
            "9/25/99999 1:36:50 PM",
            "12/31/1969 11:59:59 PM",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in prop_oneof![any::<String>(), "[0-9/: APM-]{0,24}"]) {
            let _ = parse(&text);
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
                parse(&text),
                Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
                "{}", text
            );
        }
    }
}
