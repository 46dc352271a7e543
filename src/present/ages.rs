//! Times as people read them.

use crate::domain::ids::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long ago that was, in the one unit that says most: `4 min`, `3 h`, `12 days`. What is to come counts as just now.
#[must_use]
pub fn age(since: Timestamp, now: Timestamp) -> String {
    match now.duration_since(since).as_secs() {
        seconds if seconds < MINUTE => "just now".to_owned(),
        seconds if seconds < 2 * HOUR => format!("{} min", seconds / MINUTE),
        seconds if seconds < 2 * DAY => format!("{} h", seconds / HOUR),
        seconds => format!("{} days", seconds / DAY),
    }
}

/// How long something lasted, in its two greatest units: `40 s`, `4 min`, `3 h 20 min`, `12 days 4 h`.
#[must_use]
pub fn lasting(seconds: u64) -> String {
    let [minute, hour, day] = [MINUTE, HOUR, DAY].map(i64::unsigned_abs);
    let both =
        |great: String, small: u64, unit: &str| if small == 0 { great } else { format!("{great} {small} {unit}") };
    match seconds {
        _ if seconds < minute => format!("{seconds} s"),
        _ if seconds < hour => format!("{} min", seconds / minute),
        _ if seconds < day => both(format!("{} h", seconds / hour), seconds % hour / minute, "min"),
        _ => {
            let days = seconds / day;
            both(format!("{days} {}", if days == 1 { "day" } else { "days" }), seconds % day / hour, "h")
        }
    }
}

/// A moment to the minute, in UTC: `2 Mar 2026, 08:11 UTC`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;
    use crate::present::testing::noon;

    #[test]
    fn an_age_is_told_in_the_unit_that_says_most() {
        let cases = [
            (0.seconds(), "just now"),
            (59.seconds(), "just now"),
            (60.seconds(), "1 min"),
            (119.minutes(), "119 min"),
            (2.hours(), "2 h"),
            (47.hours(), "47 h"),
            (49.hours(), "2 days"),
            ((24 * 40).hours(), "40 days"),
        ];
        for (span, expected) in cases {
            assert_eq!(age(noon().checked_sub(span).unwrap(), noon()), expected);
        }
        assert_eq!(age(noon().checked_add(1.hour()).unwrap(), noon()), "just now");
    }

    #[test]
    fn a_stretch_is_told_in_its_two_greatest_units() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (12_000, "3 h 20 min"),
            (86_400, "1 day"),
            (1_051_200, "12 days 4 h"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(lasting(seconds), expected);
        }
    }

    #[test]
    fn a_moment_is_told_in_utc() {
        assert_eq!(moment(noon()), "4 Mar 2026, 12:00 UTC");
    }
}
