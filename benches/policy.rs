//! What does an evaluation cost? 1,000 rules on a unit with 3,000 files; beside it the parts, and a large CODEOWNERS file.

use criterion::{Criterion, criterion_group, criterion_main};
use flyball::domain::policy::codeowners::CodeOwners;
use flyball::domain::policy::facts::{Known, TouchedFile, UnitFacts};
use flyball::domain::policy::{Around, Standard, load};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

/// Rules of every kind: folders, endings, names at any depth, `only_paths`, authors, sizes, and an expression in every tenth.
fn policy(rules: usize) -> String {
    let mut text = "version: 1\nrules:\n".to_owned();
    for number in 0..rules {
        let when = match number % 10 {
            0 => format!("expr: \"unit.author.kind == 'agent' && unit.lines > {number}\""),
            1 => format!("paths: ['**/*.e{number}']"),
            2 => format!("paths: ['**/name{number}/**', 'x{number}.toml']"),
            3 => format!("only_paths: ['src/mod{number}/**', 'docs/**']"),
            4 => format!("author: {{ login: 'user{number}' }}\n      lines: {{ min: {number} }}"),
            _ => format!("paths: ['src/mod{number}/**', 'tests/mod{number}/*.rs']"),
        };
        let _written = write!(
            text,
            "  - name: Rule {number}\n    when:\n      {when}\n    require: {{ evidence: [check-{number}], confirm: {{ by: ['@acme/team{number}'] }} }}\n"
        );
    }
    text
}

fn unit(files: usize) -> UnitFacts {
    let path =
        |number: usize| TouchedFile::Path(format!("src/mod{}/part{}/file{number}.rs", number % 997, number % 13));
    let mut unit =
        UnitFacts { files: Known::Known((0..files).map(path).collect()), additions: 9_000, ..UnitFacts::default() };
    unit.author.login = "alice".to_owned();
    unit
}

fn compiled(text: &str) -> Arc<Standard> {
    load(text, Around::default()).standard.expect("the policy is valid")
}

fn evaluation(c: &mut Criterion) {
    let text = policy(1_000);
    let standard = compiled(&text);
    let large = unit(3_000);
    let fired = standard.evaluate(&large).fired().count();
    assert!(fired > 300, "the unit touches a third of the rules: {fired}");
    c.bench_function("evaluate/1,000 rules, 3,000 files", |b| b.iter(|| standard.evaluate(black_box(&large))));
    let small = unit(10);
    c.bench_function("evaluate/1,000 rules, 10 files", |b| b.iter(|| standard.evaluate(black_box(&small))));
    let few = compiled(&policy(10));
    c.bench_function("evaluate/10 rules, 10 files", |b| b.iter(|| few.evaluate(black_box(&small))));
    c.bench_function("load/1,000 rules", |b| b.iter(|| compiled(black_box(&text))));
}

fn owners(c: &mut Criterion) {
    let text: String = (0..10_000).map(|number| format!("/src/mod{number}/ @acme/team{}\n", number % 50)).collect();
    let owners = CodeOwners::parse(&text).expect("it is small enough");
    let Known::Known(files) = unit(3_000).files else { unreachable!("they are known") };
    c.bench_function("codeowners/read 10,000 lines", |b| b.iter(|| CodeOwners::parse(black_box(&text))));
    c.bench_function("codeowners/3,000 files against 10,000 lines", |b| b.iter(|| owners.groups(black_box(&files))));
}

criterion_group!(benches, evaluation, owners);
criterion_main!(benches);
