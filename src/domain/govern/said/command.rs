//! Commands in comments and review bodies: one per line, at the start of a line, outside of quotes and code.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use crate::domain::ids::{PrNumber, Timestamp};

/// A command somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `/confirm [sha]`.
    Confirm {
        /// The hex digits given.
        sha: Option<String>,
    },
    /// `/refuse <reason>`.
    Refuse {
        /// Why; empty if it was left out.
        reason: String,
    },
    /// `/hold [until <date> | for 2d] [reason]`.
    Hold {
        /// Until when.
        until: Option<Timestamp>,
        /// Why.
        reason: String,
    },
    /// `/lift`.
    Lift,
    /// `/why`.
    Why,
    /// `/plan`.
    Plan,
    /// `/help`.
    Help,
    /// `/retry`.
    Retry,
    /// `/after #N`.
    After(PrNumber),
    /// `/not-after #N`.
    NotAfter(PrNumber),
    /// `/revert [reason]`.
    Revert {
        /// Why; may be left out.
        reason: String,
    },
    /// `/remember [lesson]`.
    Remember(String),
    /// `/forget <lesson>`.
    Forget(String),
    /// `/priority <level>`; nothing: as the labels say.
    Priority(Option<String>),
    /// Something close to a command, with what it may have meant, or a known one with unusable words.
    NearMiss {
        /// What was written.
        written: String,
        /// One sentence that helps.
        hint: String,
    },
}

const KNOWN: [&str; 14] = [
    "confirm",
    "refuse",
    "hold",
    "lift",
    "why",
    "plan",
    "help",
    "retry",
    "revert",
    "after",
    "not-after",
    "priority",
    "remember",
    "forget",
];

/// The commands of a text, in order, at most ten: a page of them is no instruction.
#[must_use]
pub fn commands(text: &str, now: Timestamp) -> Vec<Command> {
    spoken_lines(text).filter_map(|line| parse(line, now)).take(10).collect()
}

/// Whether a text may hold a command: cheap, for the front door.
#[must_use]
pub fn may_command(text: &str) -> bool {
    spoken_lines(text).any(|line| line.starts_with('/'))
}

/// Lines that speak for their author: not quoted, not in a fence, not indented as code, not in an HTML comment.
fn spoken_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut fence: Option<(char, usize)> = None;
    let mut hidden = false;
    text.lines().filter_map(move |raw| {
        let line = raw.trim_end();
        let inner = line.trim_start_matches(' ');
        let indent = line.len() - inner.len();
        let mark = inner.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = mark.map_or(0, |mark| inner.chars().take_while(|c| *c == mark).count());
        if let Some((open, length)) = fence {
            if mark == Some(open) && run >= length && inner.trim_start_matches(open).is_empty() {
                fence = None;
            }
            return None;
        }
        if let Some(mark) = mark.filter(|_| run >= 3 && indent < 4) {
            fence = Some((mark, run));
            return None;
        }
        if hidden || inner.starts_with("<!--") {
            hidden = !inner.contains("-->");
            return None;
        }
        (indent == 0 && !line.starts_with('\t')).then_some(line)
    })
}

fn parse(line: &str, now: Timestamp) -> Option<Command> {
    let rest = line.strip_prefix('/')?;
    let (word, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let words = words.trim();
    let word = word.to_ascii_lowercase();
    Some(match word.as_str() {
        "confirm" => confirm(words),
        "refuse" => Command::Refuse { reason: cap(words) },
        "hold" => hold(words, now),
        "lift" => Command::Lift,
        "why" => Command::Why,
        "plan" => Command::Plan,
        "help" => Command::Help,
        "retry" => Command::Retry,
        "revert" => Command::Revert { reason: cap(words) },
        "remember" => Command::Remember(cap(words)),
        "forget" => Command::Forget(cap(words.trim_matches(['"', '`']))),
        "priority" => Command::Priority(words.split_whitespace().next().map(cap)),
        "after" => {
            number(words).map_or_else(|| unusable(&word, "name a pull request, as in `/after #12`"), Command::After)
        }
        "not-after" => number(words)
            .map_or_else(|| unusable(&word, "name a pull request, as in `/not-after #12`"), Command::NotAfter),
        _ => return near_miss(&word),
    })
}

fn cap(words: &str) -> String {
    words.chars().take(500).collect()
}

fn unusable(word: &str, hint: &str) -> Command {
    Command::NearMiss { written: word.to_owned(), hint: format!("`/{word}` needs more: {hint}.") }
}

fn confirm(words: &str) -> Command {
    let Some(first) = words.split_whitespace().next() else { return Command::Confirm { sha: None } };
    let digits = first.trim_matches('`').to_ascii_lowercase();
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) && digits.len() >= 4 {
        Command::Confirm { sha: Some(digits) }
    } else {
        unusable("confirm", "either nothing, or the first 12 digits of the head commit")
    }
}

fn number(words: &str) -> Option<PrNumber> {
    let first = words.split_whitespace().next()?;
    first.strip_prefix('#').unwrap_or(first).parse().ok().filter(|n| *n > 0).map(PrNumber)
}

fn near_miss(word: &str) -> Option<Command> {
    let plain = word.trim_end_matches(['!', '.', ',', ':']);
    let (best, score) = KNOWN
        .iter()
        .map(|known| (*known, strsim::damerau_levenshtein(known, plain)))
        .min_by_key(|(known, distance)| (*distance, *known))?;
    let close = score <= if best.len() > 4 { 2 } else { 1 } && plain.len() >= 3;
    close.then(|| Command::NearMiss {
        written: plain.chars().take(40).collect(),
        hint: format!("There is no such command; did you mean `/{best}`?"),
    })
}

/// `until <date>`, `for 2d`, or nothing; the rest is the reason.
fn hold(words: &str, now: Timestamp) -> Command {
    let mut parts = words.splitn(3, char::is_whitespace);
    let (first, second) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let rest = parts.next().unwrap_or("").trim();
    let until = match first.to_ascii_lowercase().as_str() {
        "until" => until_date(second, now),
        "for" => for_span(second, now),
        _ => return Command::Hold { until: None, reason: cap(words) },
    };
    match until {
        Some(until) if until > now => Command::Hold { until: Some(until), reason: cap(rest) },
        Some(_) => unusable("hold", "a time that is still to come"),
        None => unusable(
            "hold",
            "a date (`/hold until 2026-05-01`), a weekday (`/hold until friday`) or a span (`/hold for 2d`)",
        ),
    }
}

fn until_date(word: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(at) = word.parse::<Timestamp>() {
        return Some(at);
    }
    let today = now.to_zoned(TimeZone::UTC).date();
    let day = match word.to_ascii_lowercase().as_str() {
        "tomorrow" => today.tomorrow().ok()?,
        word => match weekday(word) {
            Some(weekday) => today.nth_weekday(1, weekday).ok()?,
            None => word.parse::<Date>().ok()?,
        },
    };
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn weekday(word: &str) -> Option<Weekday> {
    let days = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    days.iter().find(|(name, _)| word.len() >= 3 && name.starts_with(word)).map(|(_, day)| *day)
}

fn for_span(word: &str, now: Timestamp) -> Option<Timestamp> {
    let split = word.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = word.split_at(split);
    let count: i64 = count.parse().ok().filter(|n| (1..=1000).contains(n))?;
    let hours = match unit {
        "h" | "hour" | "hours" => 1,
        "d" | "day" | "days" => 24,
        "w" | "week" | "weeks" => 24 * 7,
        "m" | "min" => return now.checked_add(count.minutes()).ok(),
        _ => return None,
    };
    now.checked_add(SignedDuration::from_hours(count * hours)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<Command> {
        commands(text, "2026-03-04T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn each_command_is_understood() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let hold = |until, reason: &str| Command::Hold { until, reason: reason.into() };
        let cases = [
            ("/confirm", Command::Confirm { sha: None }),
            ("/CONFIRM  ", Command::Confirm { sha: None }),
            ("/confirm `0123456789AB`", Command::Confirm { sha: Some("0123456789ab".into()) }),
            ("/refuse it is superseded", Command::Refuse { reason: "it is superseded".into() }),
            ("/refuse", Command::Refuse { reason: String::new() }),
            ("/hold", hold(None, "")),
            ("/hold the release is near", hold(None, "the release is near")),
            ("/hold until friday freeze", hold(at("2026-03-06T00:00:00Z"), "freeze")),
            ("/hold until wed", hold(at("2026-03-11T00:00:00Z"), "")),
            ("/hold until 2026-05-01", hold(at("2026-05-01T00:00:00Z"), "")),
            ("/hold for 2d", hold(at("2026-03-06T12:00:00Z"), "")),
            ("/lift", Command::Lift),
            ("/after #12", Command::After(PrNumber(12))),
            ("/not-after 12", Command::NotAfter(PrNumber(12))),
        ];
        for (text, expected) in cases {
            assert_eq!(parsed(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_was_not_said_is_not_obeyed() {
        let cases = [
            ("quoted", "> /confirm"),
            ("fenced", "```\n/confirm\n```"),
            ("longer fence", "````md\n```\n/confirm\n````"),
            ("tilde fence", "~~~\n/confirm\n~~~"),
            ("an unclosed fence", "```\n/confirm"),
            ("indented code", "    /confirm"),
            ("not at the start", "please /confirm"),
            ("a path", "/usr/bin/true is missing"),
            ("another bot's", "/lgtm"),
            ("hidden", "<!--\n/confirm\n-->"),
            ("a slash", "/"),
            ("empty", ""),
        ];
        for (case, text) in cases {
            assert_eq!(parsed(text), [], "{case}");
        }
    }

    #[test]
    fn several_lines_with_carriage_returns_are_several_commands() {
        let expected = [Command::Confirm { sha: None }, Command::Why];
        assert_eq!(parsed("Looks good.\r\n\r\n/confirm\r\n> quoted\r\n/why\r\n"), expected);
    }

    #[test]
    fn a_near_miss_gets_a_hint_and_no_more() {
        for text in [
            "/confrim",
            "/refues no",
            "/hlep",
            "/hold until someday",
            "/hold until 2020-01-01",
            "/after all",
            "/confirm yes!",
        ] {
            assert!(matches!(parsed(text).as_slice(), [Command::NearMiss { .. }]), "{text}");
        }
    }
}
