use crate::domain::flow::{Window, WindowError};
use crate::domain::ids::Timestamp;

const DAY: i64 = 86_400;

fn asked(from: &str, to: &str, days: &str) -> Result<Window, WindowError> {
    let given = |text: &'static str| (!text.is_empty()).then_some(text);
    let leak = |text: &str| given(Box::leak(text.to_owned().into_boxed_str()));
    Window::asked(leak(from), leak(to), leak(days), "2026-11-22T10:30:00Z".parse().unwrap())
}

fn second(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

#[test]
fn a_window_is_asked_for_by_days_or_by_its_ends() {
    let cases = [
        ("", "", "", "2026-10-24T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("", "", "1", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("2026-11-01", "", "", "2026-11-01T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("2026-11-01", "2026-11-02", "", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
        ("2026-11-01T12:00:00Z", "2026-11-01T15:00:00+02:00", "", "2026-11-01T12:00:00Z", "2026-11-01T13:00:00Z"),
        ("", "2026-11-11", "10", "2026-11-01T00:00:00Z", "2026-11-11T00:00:00Z"),
    ];
    for (from, to, days, first, end) in cases {
        let window = asked(from, to, days).unwrap();
        assert_eq!((window.from, window.to), (second(first), second(end)), "{from} {to} {days}");
    }
}

#[test]
fn a_window_that_is_none_is_refused_with_what_is_expected() {
    let cases = [
        ("yesterday", "", "", "`from` is neither a day (2026-11-01) nor a moment (2026-11-01T12:00:00Z)"),
        ("2026-11-01T12:00:00", "", "", "`from` is neither a day (2026-11-01) nor a moment (2026-11-01T12:00:00Z)"),
        ("", "2026-13-01", "", "`to` is neither a day (2026-11-01) nor a moment (2026-11-01T12:00:00Z)"),
        ("", "", "0", "`days` must be a number from 1 to 3660"),
        ("", "", "-3", "`days` must be a number from 1 to 3660"),
        ("", "", "99999999999999999999", "`days` must be a number from 1 to 3660"),
        ("", "", "7d", "`days` must be a number from 1 to 3660"),
        ("2026-11-01", "", "7", "say where the window begins by `from` or by `days`, not by both"),
        ("2026-11-02", "2026-11-02", "", "`from` must lie before `to`"),
        ("2026-11-03", "2026-11-02", "", "`from` must lie before `to`"),
        ("0001-01-01", "", "", "a window has at most 3660 days"),
        ("-009999-01-02", "9999-12-30", "", "`from` is neither a day (2026-11-01) nor a moment (2026-11-01T12:00:00Z)"),
    ];
    for (from, to, days, expected) in cases {
        assert_eq!(asked(from, to, days).unwrap_err().to_string(), expected, "{from} {to} {days}");
    }
}

#[test]
fn the_parts_of_a_window_are_few_and_of_one_length() {
    let from = second("2026-11-01T00:00:00Z");
    let cases = [
        (1, 24, DAY / 24),
        (7, 28, DAY / 4),
        (30, 30, DAY),
        (60, 9, 7 * DAY),
        (90, 13, 7 * DAY),
        (365, 13, 30 * DAY),
        (3_660, 41, 90 * DAY),
    ];
    for (days, parts, length) in cases {
        let window = Window { from, to: from + days * DAY };
        let found = window.parts();
        assert_eq!((found.len(), found[0].to - found[0].from), (parts, length), "{days} days");
        assert_eq!((found[0].from, found[parts - 1].to), (window.from, window.to), "{days} days");
        assert!(found.windows(2).all(|pair| pair[0].to == pair[1].from), "{days} days");
    }
}
