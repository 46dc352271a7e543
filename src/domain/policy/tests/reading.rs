//! Files that are wrong: each error has its place, says what to do, and does not hide the next.

use super::super::file::parse;

fn errors(text: &str) -> Vec<String> {
    parse(text).errors.iter().map(ToString::to_string).collect()
}

#[test]
fn every_bad_file_says_where_and_what() {
    let cases: &[(&str, &str)] = &[
        ("empty", ""),
        ("comment only", "# nothing\n"),
        ("null", "null\n"),
        ("a list", "- a\n- b\n"),
        ("a word", "hello\n"),
        ("no version", "mode: observe\n"),
        ("other version", "version: 2\n"),
        ("version as text", "version: one\n"),
        ("unknown key", "version: 1\nrule: []\n"),
        ("unknown key, far", "version: 1\nzzz: 1\n"),
        ("unknown key within", "version: 1\norder: { enforced: [textual] }\n"),
        ("unknown word", "version: 1\nmode: enforcing\n"),
        ("unknown kind", "version: 1\norder: { enforce: [texual] }\n"),
        ("number for text", "version: 1\nrules:\n  - name: 7\n"),
        ("text for number", "version: 1\nconfirm: { count: two }\n"),
        ("negative", "version: 1\nconfirm: { count: -1 }\n"),
        ("duplicate key", "version: 1\nmode: observe\nmode: enforce\n"),
        ("duplicate key within", "version: 1\norder:\n  patience: 1h\n  patience: 2h\n"),
        ("anchor", "version: 1\nsequences: &a [\"x/*\"]\ngenerated: *a\n"),
        ("merge key", "version: 1\norder:\n  <<: { patience: 1h }\n"),
        ("two documents", "version: 1\n---\nversion: 1\n"),
        ("tab", "version: 1\norder:\n\tpatience: 1h\n"),
        ("unclosed", "version: 1\nrules: [\n"),
        ("bad glob", "version: 1\nrules:\n  - name: a\n    when: { paths: [\"a[\"] }\n"),
        ("bad who", "version: 1\nconfirm: { by: [writers] }\n"),
        ("bad team", "version: 1\nconfirm: { by: [\"@acme/\"] }\n"),
        ("bad span", "version: 1\norder: { patience: soon }\n"),
        ("bad window", "version: 1\nrules:\n  - name: a\n    when: { during: { from: friday } }\n"),
        ("bad CEL", "version: 1\nrules:\n  - name: a\n    when: { expr: \"unit.lines >\" }\n"),
        ("CEL with a wrong field", "version: 1\nrules:\n  - name: a\n    when: { expr: \"unit.line > 4\" }\n"),
        ("CEL with a wrong word", "version: 1\nrules:\n  - name: a\n    when: { expr: \"lines > 4\" }\n"),
        ("CEL of another type", "version: 1\nrules:\n  - name: a\n    when: { expr: \"unit.lines\" }\n"),
        ("CEL that cannot work", "version: 1\nrules:\n  - name: a\n    when: { expr: \"unit.lines > 'a'\" }\n"),
        ("our own check", "version: 1\nevidence: { required: [flyball] }\n"),
        ("rules as a map", "version: 1\nrules: { a: b }\n"),
        ("extends", "version: 1\nextends: acme\n"),
        ("a lesson that lacks its source", "version: 1\nlessons:\n  - name: a\n"),
        ("two at once", "version: 1\nmod: observe\nrules:\n  - nam: a\n  - name: b\n  - name: c\n    wen: {}\n"),
    ];
    let mut report = String::new();
    for (case, text) in cases {
        let found = errors(text);
        assert!(!found.is_empty(), "{case} is accepted");
        report.push_str(&format!("{case}: {}\n", found.join(" | ")));
    }
    insta::assert_snapshot!(report, @"");
}
