//! A repository in which many pull requests are open at once, for looking at its pages: `flyball demo --crowd 200`.

use std::fmt::Write as _;
use std::time::Duration;

use flyball::domain::ids::{RepoId, UnitKey};
use flyball::sim::{Files, Protection, Role};
use flyball::stage::Stage;

use super::teller::Teller;

const POLICY: &str = r#"version: 1
order: { enforce: [textual, package, sequence] }
agents: { logins: [codebot] }
rules:
  - name: Migrations need a DBA
    why: Two migrations landed out of order in March.
    when: { paths: ["migrations/**"] }
    require: { confirm: { by: ["@dana"] } }
    integration: [technical, operational]
    reversible: false
  - name: Large agent changes are judged by a maintainer
    when: { expr: "unit.author.kind == 'agent' && unit.lines > 400" }
    require: { confirm: { by: [maintain] } }
lessons:
  - name: Totals are in cents
    why: A float lost a cent on every tenth invoice.
    when: { paths: ["src/totals/**"] }
    require: { confirm: { by: [maintain] } }
    source: { unit: "acme/crowd#1", person: carol, date: "2026-02-20" }
"#;

/// What the titles are made of.
const VERBS: [&str; 8] = ["Round", "Cache", "Rename", "Drop", "Translate", "Retry", "Log", "Speed up"];
const NOUNS: [&str; 9] =
    ["the totals", "the tax table", "invoices", "refunds", "the search", "orders", "the basket", "mail", "the till"];

/// Fills a repository with so many open pull requests; gives the first of them.
pub(super) async fn fill(stage: &Stage, teller: &Teller, units: usize) -> Option<UnitKey> {
    teller.scene(&format!("{units} pull requests are open at once in acme/crowd"));
    let github = &stage.github;
    let mut files = Files::new()
        .with(".github/flyball.yml", POLICY)
        .with("src/routes.rs", &lines(units * 4, "route"))
        .with("CHANGELOG.md", "# Changes\n");
    for at in 0..units {
        files = files.with(&format!("src/part{at}.rs"), &lines(6, "part"));
    }
    let repo = github.create_repo("acme/crowd", files);
    for (login, role) in [
        ("alice", Role::Write),
        ("bob", Role::Write),
        ("carol", Role::Maintain),
        ("codebot", Role::Write),
        ("dana", Role::Write),
    ] {
        github.user(repo, login, role);
    }
    github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
    let opened: Vec<UnitKey> = (0..units).map(|at| open(stage, repo, units, at)).collect();
    stage.settle().await;
    for (at, pr) in opened.iter().enumerate() {
        match at % 11 {
            9 => {}
            10 => drop(github.check(*pr, "test", "ci", Some("failure"))),
            _ => drop(github.check(*pr, "test", "ci", Some("success"))),
        }
    }
    stage.settle().await;
    // Not all began at the same time.
    stage.pass(Duration::from_secs(3 * 3600)).await;
    opened.first().copied()
}

/// One of eight kinds of change: most touch something of their own, some touch what their neighbour touches, or what many do.
fn open(stage: &Stage, repo: RepoId, units: usize, at: usize) -> UnitKey {
    let author = ["alice", "bob", "codebot", "dana"][at % 4];
    let title = format!("{} {}", VERBS[at % VERBS.len()], NOUNS[at / 3 % NOUNS.len()]);
    let own = |file: usize| Files::new().with(&format!("src/part{file}.rs"), &lines(6, &format!("part by #{at}")));
    let (body, files) = match at % 8 {
        1 | 6 => (String::new(), Files::new().with("CHANGELOG.md", &format!("# Changes\n\n- {title} (#{at})\n"))),
        2 | 3 => (String::new(), Files::new().with("src/routes.rs", &one_line_changed(units, at, at / 8))),
        4 => (format!("Depends-On: #{}", at.saturating_sub(2)), own(at)),
        5 => (String::new(), Files::new().with(&format!("migrations/{:04}_{at}.sql", at / 16), "select 1;\n")),
        _ => (String::new(), own(at)),
    };
    stage.github.open_pull_into(repo, "main", author, &title, &body, files)
}

fn lines(count: usize, what: &str) -> String {
    (0..count).fold(String::new(), |mut text, at| {
        // Writing to a String cannot fail.
        let _written = writeln!(text, "// {what} {at}");
        text
    })
}

/// The file that many change: each its own line, or one that a neighbour changes too.
fn one_line_changed(units: usize, by: usize, line: usize) -> String {
    lines(units * 4, "route").replacen(&format!("// route {}\n", line * 8), &format!("// route of #{by}\n"), 1)
}

/// Something happens every few seconds, for ever: whoever watches a page sees it change.
pub(super) async fn go_on(stage: &Stage, pr: UnitKey) {
    loop {
        for command in ["/hold the tax is not known yet", "/lift"] {
            tokio::time::sleep(Duration::from_secs(6)).await;
            stage.github.comment(pr, "carol", command);
            stage.pass(Duration::from_secs(6)).await;
        }
    }
}
