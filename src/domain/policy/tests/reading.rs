//! Files that are wrong: each error has its place, says what to do, and does not hide the next.

use super::super::file::parse;

fn errors(text: &str) -> Vec<String> {
    parse(text).errors.iter().map(ToString::to_string).collect()
}

/// Case, file.
const BAD: &[(&str, &str)] = &[
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
    ("a label for no standing", "version: 1\nlabels: { refused: no }\n"),
    ("a label without a name", "version: 1\nlabels: { blocked: \"\" }\n"),
    ("a lesson that lacks its source", "version: 1\nlessons:\n  - name: a\n"),
    ("two at once", "version: 1\nmod: observe\nrules:\n  - nam: a\n  - name: b\n  - name: c\n    wen: {}\n"),
];

#[test]
fn every_bad_file_says_where_and_what() {
    let mut report = String::new();
    for (case, text) in BAD {
        let found = errors(text);
        assert!(!found.is_empty(), "{case} is accepted");
        report.push_str(&format!("{case}: {}\n", found.join(" | ")));
    }
    insta::assert_snapshot!(report, @r##"
    empty: the file is empty: write at least `version: 1`
    comment only: the file is empty: write at least `version: 1`
    null: the file is empty: write at least `version: 1`
    a list: line 1, column 1: a policy is a map of keys: `version: 1`, `rules: [...]`
    a word: line 1, column 1: a policy is a map of keys: `version: 1`, `rules: [...]`
    no version: line 1, column 1: the key `version` is missing: write `version: 1`
    other version: line 1, column 10: this Flyball reads version 1 of the format
    version as text: line 1, column 10: string "one" stands where a whole number, 0 or more, is expected
    unknown key: line 2, column 1: unknown key `rule`: did you mean `rules`?
    unknown key, far: line 2, column 1: unknown key `zzz`: known are version, extends, mode, merge, evidence, order, confirm, reviews, lift, agents, ask, components, sequences, generated, rules, escalation, priorities, lessons, labels
    unknown key within: line 2, column 10: unknown key `enforced`: did you mean `enforce`?
    unknown word: line 2, column 7: unknown value `enforcing`: did you mean `enforce`?
    unknown kind: line 2, column 20: unknown value `texual`: did you mean `textual`?
    number for text: line 3, column 11: integer `7` stands where a string is expected: put it in quotes
    text for number: line 2, column 19: string "two" stands where a whole number, 0 or more, is expected
    negative: line 2, column 19: integer `-1` stands where a whole number, 0 or more, is expected
    duplicate key: line 3, column 1: the key `mode` stands here twice
    duplicate key within: line 4, column 3: the key `patience` stands here twice
    anchor: line 2, column 15: anchors and aliases are not allowed here: write the value where it is used
    merge key: line 3, column 3: merge keys (`<<`) are not allowed here: write the values out
    two documents: line 2, column 1: one document is expected: remove the `---`
    tab: line 3, column 2: tabs disallowed within this context (block indentation)
    unclosed: line 2, column 8: unclosed bracket '['
    bad glob: line 4, column 21: `a[` is no glob: unclosed character class; missing ']'
    bad who: line 2, column 17: `writers` names nobody: did you mean `write`?
    bad team: line 2, column 17: `@acme/` is neither `@user` nor `@organisation/team`
    bad span: line 2, column 20: `soon` is no span of time: write it as `20s`, `90m`, `24h` or `2d`
    bad window: line 4, column 29: `friday` is neither a day as `2026-12-20` nor a time as `2026-12-20T18:00:00Z`
    bad CEL: line 4, column 19: the expression is no CEL: 1:13: Syntax error: mismatched input '<EOF>'
    CEL with a wrong field: line 4, column 19: `unit` has no `line`: did you mean `lines`?
    CEL with a wrong word: line 4, column 19: the expression names `lines`: only `unit` and CEL's functions are known
    CEL of another type: line 4, column 19: the expression must be true or false
    CEL that cannot work: line 4, column 19: the expression cannot work: found no matching overload for '_>_' applied to '(int, strin…
    our own check: line 2, column 24: Flyball's own check is never evidence for itself
    rules as a map: line 2, column 8: a list is expected here: each item begins with `- `
    extends: line 2, column 10: `acme` is no repository: write `OWNER/REPOSITORY`
    a label for no standing: line 2, column 11: unknown value `refused`: known are `draft`, `gathering`, `blocked`, `awaiting_judgment`, `cleared`, `landing`, `landed`, `withdrawn`, `rolled_back`
    a label without a name: line 2, column 20: a label's name is 1 to 50 characters in one line; this has 0
    a lesson that lacks its source: line 3, column 5: the key `source` is missing
    two at once: line 2, column 1: unknown key `mod`: did you mean `mode`? | line 4, column 5: unknown key `nam`: did you mean `name`? | line 7, column 5: unknown key `wen`: did you mean `when`?
    "##);
}
