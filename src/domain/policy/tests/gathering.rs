//! From a stored unit to facts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::agents::CoAuthor;
use super::super::codeowners::CodeOwners;
use super::super::facts::{AuthorKind, Known, PersonFacts, UnitFacts};
use super::super::file::Agents;
use super::super::{Surroundings, facts_of};
use super::{lines, policy};
use crate::domain::govern::{BaseRules, RequiredCheck};
use crate::domain::ids::{PrNumber, RepoId, Timestamp};
use crate::domain::unit::Unit;

const HEAD: &str = "1111111111111111111111111111111111111111";
const OLD: &str = "2222222222222222222222222222222222222222";

fn actor(id: u64, login: &str) -> Value {
    json!({ "id": id, "login": login, "kind": if login.ends_with("[bot]") { "bot" } else { "human" } })
}

fn review(id: u64, author: &Value, state: &str, commit: &str) -> Value {
    json!({ "id": id, "author": author, "state": state, "commit": commit, "at": "2026-11-01T00:00:00Z" })
}

fn decision(author: &Value, decided: &str, right: &str) -> Value {
    json!({ "kind": { "decided": decided }, "actor": author, "sha": HEAD, "at": "2026-11-02T00:00:00Z",
        "source": { "in": "button" }, "right": right, "right_at": "2026-11-02T00:00:00Z" })
}

fn unit(changes: Value) -> Unit {
    let mut unit = json!({
        "number": 7, "title": "Totals", "body": "", "author": actor(1, "alice"), "state": "open", "draft": false,
        "head": { "sha": HEAD, "branch": "totals", "repo": 5 }, "heads": [], "base": { "branch": "main", "sha": OLD },
        "mergeable": "clean", "labels": ["x"], "size": { "files": 2, "additions": 3, "deletions": 4 },
        "opened_at": "2026-11-01T00:00:00Z", "footprint_of": HEAD,
        "footprint": { "f": [{ "p": "b/2", "o": "a/1", "s": "R" }, { "p": "d/2", "o": "c/1", "s": "C" }] },
    });
    let Value::Object(changes) = changes else { panic!("keys") };
    unit.as_object_mut().unwrap().extend(changes);
    serde_json::from_value(unit).unwrap()
}

fn gather(unit: &Unit, change: impl FnOnce(&mut Surroundings<'_>)) -> UnitFacts {
    let owners = CodeOwners::parse("/a/ @bob\n/c/ @nobody\n").unwrap();
    let rules = BaseRules {
        required: ["test", "flyball"].map(|name| RequiredCheck { context: name.to_owned(), app: None }).into(),
        ..BaseRules::default()
    };
    let agents = Agents::default();
    let co_authors = CoAuthor::of(
        "Co-authored-by: Claude <noreply@anthropic.com>\nCo-authored-by: Z <9+zoe@users.noreply.github.com>",
    );
    let mut around = Surroundings {
        repo: RepoId(5),
        app_id: 99,
        rules: Some(&rules),
        codeowners: Known::Known(Some(&owners)),
        agents: &agents,
        co_authors: &co_authors,
        people: BTreeMap::new(),
        last_landing: None,
        now: Timestamp::from_second(0).unwrap(),
    };
    change(&mut around);
    facts_of(unit, &around)
}

#[test]
fn what_a_unit_holds_becomes_facts() {
    let (bob, carol) = (actor(2, "Bob"), actor(3, "carol"));
    let unit = unit(json!({
        "evidence": [{ "name": "test", "app": 4, "state": "passing", "based_at": "2026-11-01T00:00:00Z" }],
        "landed_beside": [[3, "2026-11-02T00:00:00Z"]],
        "reviews": [review(1, &bob, "approved", HEAD), review(2, &carol, "approved", OLD), review(3, &bob, "commented", HEAD),
            review(4, &carol, "changes_requested", OLD)],
        "decisions": [decision(&bob, "confirm", "write"), decision(&carol, "approve", "admin")],
    }));
    let facts = gather(&unit, |_| {});
    assert_eq!((facts.author.kind, facts.author.by_trailer.as_deref()), (AuthorKind::Human, Some("claude")));
    assert_eq!((facts.lines(), facts.from_fork, facts.co_authors.as_slice()), (7, false, &["zoe".to_owned()][..]));
    let groups = facts.owners.get().unwrap();
    assert_eq!(
        groups.iter().map(|group| group.paths.join(" ")).collect::<Vec<_>>(),
        ["a/1"],
        "a copy leaves its source alone"
    );
    assert_eq!(facts.evidence.get().unwrap()[0].related_landed.as_deref(), Some("#3"));
    assert_eq!(
        lines(&policy("reviews: { approvals: 1 }").evaluate(&facts)),
        [
            "unmet: `test` passes (stale since #3 landed) [waits.evidence.stale]",
            "unmet: one approval on this head (carol asked for changes) [waits.review]",
            "met: somebody with write access confirms (Bob, carol)",
        ]
    );
}

#[test]
fn what_was_not_read_is_unknown() {
    let stale = unit(json!({ "footprint_of": OLD }));
    let facts = gather(&stale, |_| {});
    assert_eq!(facts.files.get(), Err("its files were not read for this head yet"));
    assert!(facts.packages.get().is_err() && facts.owners.get().is_err());
    assert!(gather(&stale, |around| around.rules = None).protection.get().is_err());
    let large = unit(json!({ "footprint": { "f": [], "s": { "Unknown": { "because": "too many" } } } }));
    assert_eq!(gather(&large, |_| {}).files.get(), Err("too many"));
    let none = gather(&unit(json!({})), |around| around.codeowners = Known::Known(None));
    assert_eq!(none.owners.get().map(Vec::len), Ok(0), "no file: nobody owns anything");
    let unread = gather(&unit(json!({})), |around| around.codeowners = Known::unknown("403"));
    assert_eq!(unread.owners.get(), Err("403"));
}

#[test]
fn what_was_read_of_people_goes_before_what_decisions_keep() {
    let bob = actor(2, "bob");
    let unit = unit(json!({ "decisions": [decision(&bob, "confirm", "admin")] }));
    let verdict = |right: Option<Known<_>>| {
        let read = PersonFacts {
            right,
            teams: BTreeMap::from([("acme/dba".to_owned(), Known::Known(true))]),
            ..PersonFacts::default()
        };
        let facts = gather(&unit, |around| {
            around.rules = Some(&EMPTY);
            around.people = BTreeMap::from([("bob".to_owned(), read)]);
        });
        (
            policy("").evaluate(&facts).verdict.word(),
            policy("confirm: { by: '@acme/dba' }").evaluate(&facts).verdict.word(),
        )
    };
    assert_eq!(verdict(None), ("met", "met"));
    assert_eq!(
        verdict(Some(Known::Known(crate::domain::govern::Right::Read))),
        ("unmet", "met"),
        "the right was lost since"
    );
    assert_eq!(verdict(Some(Known::unknown("502"))), ("unknown", "met"));
}

#[test]
fn evidence_that_must_always_be_fresh_knows_of_any_landing() {
    let unit =
        unit(json!({ "evidence": [{ "name": "test", "state": "passing", "based_at": "2026-11-01T00:00:00Z" }] }));
    let later: Timestamp = "2026-11-03T00:00:00Z".parse().unwrap();
    let facts = gather(&unit, |around| around.last_landing = Some((PrNumber(9), later)));
    let word = |fresh: &str| lines(&policy(&format!("evidence: {{ fresh: {fresh} }}")).evaluate(&facts))[0].clone();
    assert_eq!(word("always"), "unmet: `test` passes (stale since #9 landed) [waits.evidence.stale]");
    assert_eq!(word("selective"), "met: `test` passes (passing)");
}

static EMPTY: BaseRules =
    BaseRules { protected: false, required: Vec::new(), merge_queue: false, methods: Vec::new(), unread: None };
