//! What is published about policies: the gallery of docs/POLICY.md with its examples, the schema, the command.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use flyball::domain::policy::codeowners::CodeOwners;
use flyball::domain::policy::examples::parse_examples;
use flyball::domain::policy::{Around, load, schema};

const DOCUMENT: &str = include_str!("../docs/POLICY.md");
const SCHEMA: &str = include_str!("../docs/flyball.schema.json");

/// The fenced blocks of the document: what stands behind `yaml`, and the text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let parts = DOCUMENT.split("\n```yaml ").skip(1);
    let block = |part: &'static str| {
        let (kind, rest) = part.split_once('\n').expect("a block has a first line");
        (kind, rest.split_once("\n```").expect("a block is closed").0)
    };
    parts.map(block).collect()
}

/// Each policy of the gallery with the examples below it.
fn gallery() -> Vec<(&'static str, &'static str)> {
    let blocks = blocks();
    assert_eq!(blocks.len() % 2, 0, "each policy has its examples");
    let pair = |pair: &[(&'static str, &'static str)]| {
        assert_eq!((pair[0].0, pair[1].0), ("policy", "examples"));
        (pair[0].1, pair[1].1)
    };
    blocks.chunks(2).map(pair).collect()
}

#[test]
fn every_policy_of_the_gallery_does_what_it_says() {
    let gallery = gallery();
    assert!(gallery.len() >= 12, "{}", gallery.len());
    for (policy, examples) in gallery {
        let loaded = load(policy, Around::default());
        assert_eq!(loaded.findings, [], "{policy}");
        let standard = loaded.standard.expect("there are no findings");
        let examples = parse_examples(examples).unwrap_or_else(|error| panic!("{error}\n{examples}"));
        assert!(!examples.is_empty());
        for example in examples {
            let mismatches = example.run(&standard);
            assert!(mismatches.is_empty(), "{}: {mismatches:#?}", example.name);
        }
    }
}

#[test]
fn an_example_that_expects_something_else_is_found_out() {
    let standard = load("version: 1", Around::default()).standard.expect("it is valid");
    let text = "examples: [{ name: a, unit: { files: [a] }, expect: { verdict: met, autonomy: auto, codes: [], rules: [x], open: [y], integration: [legal], reversible: false } }]";
    let example = &parse_examples(text).unwrap()[0];
    let found: Vec<&str> = example.run(&standard).iter().map(|one| one.what).collect();
    assert_eq!(found, ["verdict", "autonomy", "codes", "rules", "open", "integration", "reversible"]);
}

#[test]
fn the_published_schema_is_the_programs() {
    assert_eq!(SCHEMA, schema(), "`flyball policy schema > docs/flyball.schema.json` mends it");
}

#[test]
fn the_schema_accepts_the_gallery_and_refuses_what_the_reader_refuses() {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = |text: &str| -> serde_json::Value { serde_saphyr::from_str(text).unwrap() };
    for (policy, _) in gallery() {
        let errors: Vec<String> = validator.iter_errors(&value(policy)).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{policy}");
    }
    for bad in [
        "version: 1\nrule: []",
        "version: 1\nmode: of",
        "version: 1\nrules: [{ nam: a }]",
        "version: 1\nconfirm: { by: [writers] }",
        "version: 1\norder: { patience: soon }",
        "version: 1\nrules: [{ name: a, when: { paths: 7 } }]",
        "version: 1\nbranches: { main: { rules: [{}] } }",
    ] {
        assert!(!validator.is_valid(&value(bad)), "{bad}");
        assert!(load(bad, Around::default()).standard.is_none(), "{bad}");
    }
}

fn flyball(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flyball")).current_dir(folder).arg("policy").args(args).output().expect("it runs")
}

fn said(output: &Output) -> (i32, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code().expect("it was not killed"), String::from_utf8(text).expect("it writes UTF-8"))
}

const POLICY: &str = "version: 1\nrules:\n  - name: Docs\n    when: { only_paths: ['docs/**'] }\n    autonomy: auto\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it is written");
    write("good.yml", POLICY);
    write("bad.yml", "version: 1\nmod: observe\n");
    write(
        "strict.yml",
        "version: 1\nrules:\n  - name: Docs\n    when: { only_paths: ['docs/**'] }\n    autonomy: confirm\n",
    );
    write("good.test.yml", "examples:\n  - { name: docs, unit: { files: [docs/a] }, expect: { verdict: met } }\n");
    write("wrong.yml", "examples:\n  - { name: docs, unit: { files: [docs/a] }, expect: { verdict: unmet } }\n");
    write("unit.yml", "files: [docs/a]\n");
    write("files", "src/a.rs\n");
    write("owners", "* @all\n!x @all\n");
    write(
        "units.jsonl",
        "{\"number\":1,\"title\":\"docs\",\"files\":[\"docs/a\"]}\n\n{\"seq\":4,\"hash\":\"x\",\"data\":{}}\n{\"seq\":5,\"hash\":\"y\",\"data\":{\"facts\":{\"number\":2,\"files\":[\"src/a\"]}}}\n",
    );
    folder
}

#[test]
fn the_command_answers_with_its_exit_code() {
    let folder = folder();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["check", "good.yml"], 0, "good.yml is valid: 1 rule"),
        (&["check", "bad.yml"], 1, "bad.yml:2:1: error: unknown key `mod`: did you mean `mode`?"),
        (&["check", "none.yml"], 2, "cannot read none.yml"),
        (&["check", "good.yml", "--files", "files"], 1, "`docs/**` matches no file of the repository"),
        (&["check", "good.yml", "--codeowners", "owners"], 1, "owners:2: GitHub skips this line"),
        (
            &["check", "strict.yml", "--extended", "good.yml"],
            1,
            "`Docs` is the name of another rule or lesson in good.yml",
        ),
        (&["explain", "unit.yml", "--policy", "good.yml"], 0, "it lands unasked, by Docs"),
        (&["explain", "unit.yml", "--policy", "bad.yml"], 2, "bad.yml cannot be put in force"),
        (&["test", "--policy", "good.yml"], 0, "1 of 1 examples are as expected"),
        (&["test", "--policy", "good.yml", "wrong.yml"], 1, "verdict: expected \"unmet\", found \"met\""),
        (&["test", "--policy", "strict.yml"], 2, "cannot read strict.test.yml"),
        (&["backtest", "--old", "good.yml", "--new", "strict.yml", "units.jsonl"], 1, "1 of 2 recorded units"),
        (&["backtest", "--old", "good.yml", "--new", "good.yml", "units.jsonl"], 0, "0 of 2 recorded units"),
        (&["backtest", "--old", "good.yml", "--new", "good.yml", "good.yml"], 2, "good.yml:1:"),
        (&["chek"], 2, "unrecognized subcommand"),
    ];
    for (args, code, text) in cases {
        let (found, output) = said(&flyball(folder.path(), args));
        assert!(output.contains(text), "{args:?}: {output}");
        assert_eq!(found, *code, "{args:?}: {output}");
    }
}

#[test]
fn programs_read_the_same_as_json() {
    let folder = folder();
    let json = |args: &[&str]| -> serde_json::Value {
        let output = flyball(folder.path(), &[args, &["--format", "json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {output:?}"))
    };
    let check = json(&["check", "bad.yml"]);
    assert_eq!((&check["valid"], &check["findings"][0]["line"]), (&false.into(), &2.into()));
    assert_eq!(check["findings"][0]["level"], "error");
    let explain = json(&["explain", "unit.yml", "--policy", "good.yml"]);
    assert_eq!(explain["verdict"], "met");
    assert_eq!(explain["rules"][0]["predicates"][0]["seen"], "all 1");
    assert_eq!(json(&["test", "--policy", "good.yml"])[0]["name"], "docs");
    let backtest = json(&["backtest", "--old", "good.yml", "--new", "strict.yml", "units.jsonl"]);
    assert_eq!((&backtest["units"], &backtest["differences"][0]["unit"]), (&2.into(), &1.into()));
    let schema = flyball(folder.path(), &["schema"]);
    assert_eq!(String::from_utf8(schema.stdout).unwrap(), SCHEMA);
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let folder = folder();
    fs::write(folder.path().join("evil.yml"), "version: 1\n\"\\e[2Jmod\": 1\n").unwrap();
    let (code, output) = said(&flyball(folder.path(), &["check", "evil.yml"]));
    assert_eq!(code, 1);
    assert!(output.contains("unknown key") && !output.contains('\u{1b}'), "{output:?}");
}

#[test]
fn the_owners_of_this_kind_of_file_are_read_as_github_reads_them() {
    let owners = CodeOwners::parse("* @acme/all\n/docs/ @acme/docs\n").unwrap();
    assert_eq!(owners.owners("docs/POLICY.md")[0].to_string(), "@acme/docs");
}
