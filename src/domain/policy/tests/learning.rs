//! Lessons: drawn, written into the file, retired, counted, offered.

use std::collections::BTreeSet;

use super::super::file::{Lesson, LessonSource, Retired, parse};
use super::super::lessons::{
    Cause, EditError, Firings, Refusal, Taught, add_lesson, draft, fired_line, repeated, retire_lesson,
};
use super::{policy, unit};
use crate::domain::ids::Timestamp;

fn source() -> LessonSource {
    let comment = Some("https://github.com/acme/shop/pull/12#issuecomment-1".to_owned());
    LessonSource { unit: "acme/shop#12".to_owned(), comment, person: "carol".to_owned(), date: "2026-11-21".to_owned() }
}

fn taught(cause: Cause, reason: &str) -> Taught<'_> {
    Taught { cause, reason, source: source(), expires: None }
}

fn lesson(facts: &str, reason: &str) -> Lesson {
    draft(&unit(facts), taught(Cause::Refused, reason), &BTreeSet::new())
}

#[test]
fn a_lesson_is_drawn_from_the_unit() {
    let cases = [
        ("folders", "files: [src/pay/a.rs, src/pay/b.rs, README.md]", r#"{"paths":["README.md","src/pay/**"]}"#),
        (
            "an agent",
            "files: [src/a.rs]\nauthor: { kind: agent, name: claude }",
            r#"{"paths":["src/**"],"author":{"kind":["agent"]}}"#,
        ),
        ("packages", "files: [Cargo.toml]\npackages: [{ name: openssl }]", r#"{"packages":["openssl"]}"#),
        (
            "many folders become fewer",
            "files: [a/b/1/x, a/b/2/x, a/b/3/x, a/c/4/x, a/c/5/x, a/c/6/x]",
            r#"{"paths":["a/b/**","a/c/**"]}"#,
        ),
        ("special names", "files: ['app/[id]/page.tsx']", r#"{"paths":["app/[[]id[]]/**"]}"#),
        ("not known", "files: { unknown: no }", "{}"),
    ];
    for (case, facts, expected) in cases {
        let drawn = lesson(facts, "Because.");
        assert_eq!(serde_json::to_string(&drawn.when).unwrap(), expected, "{case}");
        let again = policy(&format!("lessons: [{}]", serde_json::to_string(&drawn).unwrap()));
        assert_eq!(again.evaluate(&unit(facts)).lessons().count(), 1, "{case}: it fires on the unit that taught it");
    }
}

#[test]
fn what_a_lesson_requires_follows_from_its_cause() {
    let facts = unit("files: [a/b]");
    let require = |cause| serde_json::to_string(&draft(&facts, taught(cause, "x"), &BTreeSet::new()).require).unwrap();
    assert_eq!(require(Cause::RolledBack), r#"{"confirm":[{"by":["@carol","maintain"]}]}"#);
    let red = Cause::TurnedRed(vec!["e2e".to_owned()]);
    assert_eq!(require(red), r#"{"evidence":[{"name":"e2e","count":1}]}"#);
    let taken = BTreeSet::from(["no more of this".to_owned(), "no more of this (2)".to_owned()]);
    let named = draft(&facts, taught(Cause::Refused, "No more of this. Really\u{1b}[31m\nnot."), &taken);
    assert_eq!(named.name, "No more of this (3)");
    assert_eq!(named.why.as_deref(), Some("No more of this. Really [31m not."));
    assert_eq!(draft(&facts, taught(Cause::Refused, ""), &BTreeSet::new()).name, "Lesson of acme/shop#12");
}

const COMMENTED: &str = "\
# Our policy. Ask @acme/leads.
version: 1   # the only one

rules:
  # Money moves here.
  - name: Pay
    when: { paths: [\"src/pay/**\"] } # and nothing else
    autonomy: confirm
lessons:
  - name: Old
    # taught the hard way
    why: \"# not a comment\"
    require: { evidence: [e2e] }
    source: { unit: a/b#1, person: bob, date: 2026-01-01 }
    # still of Old

# Of the escalation.
escalation: []   # none yet
";

/// Whether every line of the old text stands in the new one, in order.
fn keeps_every_line(old: &str, new: &str) -> bool {
    let mut rest = new.lines();
    old.lines().all(|line| rest.any(|other| other == line))
}

#[test]
fn adding_keeps_every_line_of_the_file() {
    let new = lesson("files: [src/pay/a.rs]", "Totals are in cents: \"never\" floats \\ ☂.");
    let added = add_lesson(COMMENTED, &new).unwrap();
    assert!(keeps_every_line(COMMENTED, &added), "{added}");
    insta::assert_snapshot!(added.strip_prefix(&COMMENTED[..COMMENTED.find("    # still").unwrap()]).unwrap(), @r##"
        # still of Old
      - name: "Totals are in cents"
        why: "Totals are in cents: \"never\" floats \\ ☂."
        when: { paths: ["src/pay/**"] }
        require: { confirm: [{ by: ["@carol", "maintain"] }] }
        source: { unit: "acme/shop#12", comment: "https://github.com/acme/shop/pull/12#issuecomment-1", person: "carol", date: "2026-11-21" }

    # Of the escalation.
    escalation: []   # none yet
    "##);
    let again = add_lesson(&added, &new).unwrap_err();
    assert_eq!(again, EditError::Taken(new.name));
}

#[test]
fn any_layout_is_edited_or_left_alone() {
    let new = lesson("files: [a/b]", "No.");
    let flow = "lessons: [{ name: x, source: { unit: u, person: p, date: d } }]\n";
    let item = "- name: x\n  source: { unit: u, person: p, date: d }\n";
    let cases: Vec<(&str, String, bool)> = vec![
        ("none", "version: 1\n".to_owned(), true),
        ("no line end", "version: 1".to_owned(), true),
        ("empty list", "version: 1\nlessons: []  # none\nmode: observe\n".to_owned(), true),
        ("empty value", "version: 1\nlessons:\n# c\nmode: observe\n".to_owned(), true),
        ("empty list over two lines", "version: 1\nlessons: [\n]\n".to_owned(), false),
        ("in brackets", format!("version: 1\n{flow}"), false),
        ("not indented", format!("version: 1\nlessons:\n{item}mode: observe\n"), true),
        ("deeply indented", "version: 1\nlessons:\n      - name: x\n        source: { unit: u, person: p, date: d }\n".to_owned(), true),
        ("in the middle", format!("lessons:\n{item}\n# version\nversion: 1\n"), true),
        ("block text at the end", "version: 1\nlessons:\n  - name: x\n    source: { unit: u, person: p, date: d }\n    why: |\n      one\n\n      # two\n".to_owned(), true),
        ("CRLF", format!("version: 1\nlessons:\n{item}mode: observe\n").replace('\n', "\r\n"), true),
        ("everything in brackets", "{ version: 1, mode: observe }\n".to_owned(), false),
        ("end mark", "version: 1\n...\n".to_owned(), false),
    ];
    for (case, text, works) in cases {
        let before = parse(&text);
        assert_eq!(before.errors, [], "{case}");
        match add_lesson(&text, &new) {
            Ok(after) => {
                assert!(works, "{case}:\n{after}");
                assert_eq!(after.contains("\r\n"), text.contains("\r\n"), "{case}");
                let mut file = parse(&after).file;
                let last = file.lessons.pop().unwrap();
                assert_eq!(last.name, new.name, "{case}");
                assert_eq!(serde_json::to_value(&file).unwrap(), serde_json::to_value(&before.file).unwrap(), "{case}");
            }
            Err(error) => assert!(!works, "{case}: {error}"),
        }
    }
    assert!(matches!(add_lesson("version: 1\nrule: []\n", &new), Err(EditError::Broken(_))));
}

#[test]
fn retiring_marks_the_lesson_and_nothing_else() {
    let retired = Retired { by: "dave".to_owned(), date: "2026-12-01".to_owned(), why: None };
    let after = retire_lesson(COMMENTED, "old", &retired).unwrap();
    assert!(keeps_every_line(COMMENTED, &after));
    let line = after.lines().find(|line| line.contains("retired")).unwrap();
    assert_eq!(line, r#"    retired: { by: "dave", date: "2026-12-01" }"#);
    let facts = unit("files: [a]");
    let count =
        |text: &str| super::super::load(text, Default::default()).standard.unwrap().evaluate(&facts).lessons().count();
    assert_eq!((count(COMMENTED), count(&after)), (1, 0), "it counts for nothing");
    let missing = retire_lesson(&after, "old", &retired).unwrap_err();
    assert_eq!(missing.to_string(), "there is no lesson `old`", "it is retired already");
    let near = retire_lesson(COMMENTED, "Olds", &retired).unwrap_err();
    assert_eq!(near.to_string(), "there is no lesson `Olds`: did you mean `Old`?");
    let flow = "version: 1\nlessons: [{ name: x, source: { unit: u, person: p, date: d } }]\n";
    assert!(matches!(retire_lesson(flow, "x", &retired), Err(EditError::Layout(_))));
}

#[test]
fn two_lessons_at_once_are_two_edits_one_after_the_other() {
    let (first, second) = (lesson("files: [a/b]", "One."), lesson("files: [a/b]", "Two."));
    let both = add_lesson(&add_lesson(COMMENTED, &first).unwrap(), &second).unwrap();
    let other = add_lesson(&add_lesson(COMMENTED, &second).unwrap(), &first).unwrap();
    let names = |text: &str| parse(text).file.lessons.into_iter().map(|lesson| lesson.name).collect::<BTreeSet<_>>();
    assert_eq!(names(&both), names(&other));
    assert_eq!(names(&both).len(), 3);
}

#[test]
fn firings_count_each_unit_once_and_say_who_taught() {
    let standard =
        policy(&format!("lessons: [{}]", serde_json::to_string(&lesson("files: [a/b]", "No floats.")).unwrap()));
    let mut firings = Firings::default();
    let evaluation = standard.evaluate(&unit("files: [a/c]"));
    assert_eq!(firings.note(&evaluation, 7), ["No floats"]);
    assert!(firings.note(&evaluation, 7).is_empty(), "the same unit again");
    assert_eq!(firings.note(&evaluation, 8).len(), 1);
    let rule = evaluation.lessons().next().unwrap();
    let line = fired_line(&rule.name, rule.why.as_deref(), &rule.origin, &firings).unwrap();
    assert_eq!(line, "No floats: No floats. (taught by carol on acme/shop#12, 2026-11-21; it fired on 2 units)");
}

#[test]
fn the_same_reason_on_similar_paths_twice_is_noticed_once() {
    let refusal = |unit: u64, reason: &str, path: &str| Refusal {
        unit,
        reason: reason.to_owned(),
        paths: vec![path.to_owned()],
        at: Timestamp::from_second(1_000 + i64::try_from(unit).unwrap()).unwrap(),
        offered: false,
    };
    let now = refusal(9, "Please do not use floats for money", "src/pay/x.rs");
    let cases = [
        ("the same", refusal(1, "do not use floats for money, please!", "src/pay/y.rs"), true),
        ("nearly", refusal(1, "No floats for money please", "src/pay/y.rs"), true),
        ("elsewhere", refusal(1, "do not use floats for money, please!", "src/ui/y.rs"), false),
        ("another reason", refusal(1, "needs a changelog entry", "src/pay/y.rs"), false),
        ("the same unit", refusal(9, "Please do not use floats for money", "src/pay/y.rs"), false),
        ("no reason", refusal(1, "", "src/pay/y.rs"), false),
    ];
    for (case, past, expected) in cases {
        assert_eq!(repeated(&now, std::slice::from_ref(&past)).is_some(), expected, "{case}");
    }
    let mut past =
        vec![refusal(1, "no floats for money", "src/pay/y.rs"), refusal(3, "no floats for money", "src/pay/z.rs")];
    assert_eq!(repeated(&now, &past).unwrap().unit, 3, "the newest");
    past[0].offered = true;
    assert_eq!(repeated(&now, &past), None, "it was offered before");
}
