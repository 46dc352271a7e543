//! `Depends-On` in all spellings, and dependencies that run in a circle.

use crate::domain::ids::PrNumber;
use crate::domain::integration::dependency::{Fate, Reference, bearing, cycles, declared};

fn needs(text: &str) -> Vec<String> {
    declared(text).needs.iter().map(ToString::to_string).collect()
}

#[test]
fn every_spelling_is_read() {
    let cases: [(&str, &[&str]); 18] = [
        ("Depends-On: #12", &["#12"]),
        ("depends-on:#12", &["#12"]),
        ("DEPENDS-ON: acme/api#7", &["acme/api#7"]),
        ("Depends on: #3", &["#3"]),
        ("Depends-On: https://github.com/acme/api/pull/7", &["acme/api#7"]),
        ("Depends-On: <https://ghe.example.org/acme/api/pull/7/files#diff-1>", &["acme/api#7"]),
        ("Depends-On: #1, #2 and acme/x#3; #1", &["#1", "#2", "acme/x#3"]),
        ("Text.\r\n\r\nDepends-On: #12\r\nSigned-off-by: a", &["#12"]),
        ("- Depends-On: #4", &["#4"]),
        ("**Depends-On:** #4", &["#4"]),
        ("Depends-On: #12.", &["#12"]),
        ("> Depends-On: #12", &[]),
        ("```\nDepends-On: #12\n```", &[]),
        ("    Depends-On: #12", &[]),
        ("<!-- Depends-On: #12 -->", &[]),
        ("<!-- an open comment\nDepends-On: #12", &[]),
        ("This depends-on #12 somehow", &[]),
        ("Depends-On: #0", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(needs(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_reference_is_said_and_not_swallowed() {
    let found = declared("Depends-On: #12, JIRA-9, https://github.com/acme/api/issues/7, #99999999999999999999");
    assert_eq!(found.needs.len(), 1);
    assert_eq!(found.unread, ["JIRA-9", "https://github.com/acme/api/issues/7", "#99999999999999999999"]);
    let many = format!("Depends-On: {}", (1..200).map(|n| format!("#{n} ")).collect::<String>());
    assert_eq!((declared(&many).needs.len(), declared(&many).unread.len()), (50, 50), "a hostile text stays small");
}

#[test]
fn a_reference_means_a_unit_whatever_the_case_of_its_name() {
    let reference = Reference { repo: Some("Acme/API".into()), number: PrNumber(7) };
    assert!(reference.is("acme/api", PrNumber(7)) && !reference.is("acme/web", PrNumber(7)));
    assert_eq!(reference.within("acme/api").to_string(), "#7");
}

#[test]
fn fates_are_told_apart() {
    let reference = Reference { repo: None, number: PrNumber(12) };
    let cases = [
        (Fate::Landed, None, "#12 has landed."),
        (Fate::Open, Some("waits.dependency"), "#12 has to land first."),
        (
            Fate::Moved { base: "release/2".into() },
            Some("waits.dependency"),
            "#12 has to land first, and it wants to land on release/2 now.",
        ),
        (Fate::Itself, Some("blocked.dependency.cycle"), "It names itself (#12) as what it depends on."),
        (Fate::Closed, Some("blocked.dependency.closed"), "#12 was closed without landing."),
        (Fate::Missing, Some("blocked.dependency.unreadable"), "There is no pull request #12."),
        (Fate::Unreadable, Some("blocked.dependency.unreadable"), "#12 is in a repository that Flyball cannot read."),
    ];
    for (fate, code, why) in cases {
        let found = bearing(&reference, &fate);
        assert_eq!((found.code, found.why.as_str(), found.unmet), (code, why, code.is_some()), "{fate:?}");
    }
}

#[test]
fn cycles_are_named_in_full() {
    let circle: Vec<(u32, u32)> = (0..50).map(|at| (at, (at + 1) % 50)).chain([(60, 0), (61, 61)]).collect();
    let found = cycles(&circle);
    assert_eq!(found.len(), 2, "the unit that waits for the circle is not in it");
    assert_eq!((found[0].members.len(), found[0].around.clone()), (50, (0..50).collect::<Vec<_>>()));
    assert_eq!(found[1].sentence(|unit| format!("#{unit}")), "#61 needs #61.");
    let knot = cycles(&[(1, 2), (2, 1), (2, 3), (3, 1)]);
    assert_eq!(
        (knot[0].members.as_slice(), knot[0].sentence(|unit| format!("#{unit}"))),
        (&[1, 2, 3][..], "#1 needs #2, #2 needs #1.".into())
    );
    assert!(cycles(&[(1, 2), (2, 3), (1, 3)]).is_empty());
}
