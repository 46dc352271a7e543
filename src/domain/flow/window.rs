//! A stretch of time that is measured, and its parts for a chart.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::ids::Timestamp;

const DAY: i64 = 86_400;
/// What is measured where nobody says.
const DAYS: i64 = 30;
/// The longest window.
const MOST_DAYS: i64 = 3_660;
/// How long a part of a window may be, in seconds, and from how many parts on the next longer is taken.
const STEPS: [i64; 6] = [3_600, 6 * 3_600, DAY, 7 * DAY, 30 * DAY, 90 * DAY];
const PARTS: i64 = 40;

/// A stretch of time in whole seconds: the first belongs to it, the last does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first second.
    pub from: i64,
    /// The second after its last.
    pub to: i64,
}

/// Why a window cannot be measured, in words for who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// Neither a day nor a moment.
    #[error("`{name}` is neither a day (2026-11-01) nor a moment (2026-11-01T12:00:00Z)")]
    Moment {
        /// Which value.
        name: &'static str,
    },
    /// No number of days.
    #[error("`days` must be a number from 1 to {MOST_DAYS}")]
    Days,
    /// Both ways to say where it begins.
    #[error("say where the window begins by `from` or by `days`, not by both")]
    Both,
    /// Nothing lies in it.
    #[error("`from` must lie before `to`")]
    Empty,
    /// Too long.
    #[error("a window has at most {MOST_DAYS} days")]
    Long,
}

impl Window {
    /// The window that somebody asks for. Without an end it ends with the current day (UTC), without a beginning it has thirty days.
    ///
    /// # Errors
    /// What is wrong with what was asked, in words for who asked.
    pub fn asked(
        from: Option<&str>,
        to: Option<&str>,
        days: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, WindowError> {
        let to = to.map(|text| moment("to", text)).transpose()?;
        let to = to.unwrap_or_else(|| (now.as_second().div_euclid(DAY) + 1) * DAY);
        let days = days.map(|text| text.parse::<i64>().ok().filter(|days| (1..=MOST_DAYS).contains(days)));
        let from = match (from, days) {
            (Some(_), Some(_)) => return Err(WindowError::Both),
            (_, Some(None)) => return Err(WindowError::Days),
            (Some(text), None) => moment("from", text)?,
            (None, Some(Some(days))) => to.saturating_sub(days * DAY),
            (None, None) => to.saturating_sub(DAYS * DAY),
        };
        if from >= to {
            return Err(WindowError::Empty);
        }
        if to.saturating_sub(from) > MOST_DAYS * DAY {
            return Err(WindowError::Long);
        }
        Ok(Self { from, to })
    }

    /// Whether a second lies in it.
    #[must_use]
    pub const fn holds(self, second: i64) -> bool {
        self.from <= second && second < self.to
    }

    /// How many seconds of a stretch lie in it.
    #[must_use]
    pub fn overlap(self, from: i64, to: i64) -> u64 {
        u64::try_from(to.min(self.to).saturating_sub(from.max(self.from))).unwrap_or(0)
    }

    /// Its parts, in order and of one length; the last may be shorter. Together they are the window.
    #[must_use]
    pub fn parts(self) -> Vec<Self> {
        let length = self.to.saturating_sub(self.from);
        let step = STEPS.into_iter().find(|step| length <= step * PARTS).unwrap_or(90 * DAY);
        let mut parts = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let to = from.saturating_add(step).min(self.to);
            parts.push(Self { from, to });
            from = to;
        }
        parts
    }
}

/// A day's first moment, or a moment, as seconds.
fn moment(name: &'static str, text: &str) -> Result<i64, WindowError> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment.as_second());
    }
    // A time without its zone would be read as a day, too: nobody would know which part of it counts.
    let day = text.parse::<Date>().ok().filter(|_| text.len() == 10).ok_or(WindowError::Moment { name })?;
    let first = day.to_zoned(TimeZone::UTC).map_err(|_| WindowError::Moment { name })?;
    Ok(first.timestamp().as_second())
}
