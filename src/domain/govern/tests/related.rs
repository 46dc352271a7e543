//! What units have to do with each other, and what follows for the order: collisions of every kind, hot places, dependencies.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::*;
use super::desk::{Desk, sha};
use super::doings::file;
use crate::domain::ids::*;
use crate::domain::integration::collision::{Certainty, Kind, between};
use crate::domain::unit::Standing;

fn changed(path: &str, status: &str, patch: &str) -> FileSeen {
    let count = |sign: char| u32::try_from(patch.lines().filter(|line| line.starts_with(sign)).count()).unwrap();
    FileSeen {
        blob: None,
        filename: path.into(),
        previous_filename: None,
        status: status.into(),
        patch: Some(patch.into()),
        additions: count('+'),
        deletions: count('-'),
    }
}

fn opens_with(desk: &mut Desk, number: u64, files: Vec<FileSeen>) -> PrNumber {
    let pr = desk.prepare(number, "alice", "unused", 1);
    desk.snapshots.get_mut(&pr).unwrap().changed_files = u32::try_from(files.len()).unwrap();
    desk.files.insert(pr, files);
    desk.pull(pr, PullAction::Opened);
    pr
}

#[test]
fn the_plan_names_packages_lockfiles_and_numbers_and_says_why() {
    let mut desk = Desk::new();
    let files = |version: &str, name: &str, line: u32| {
        vec![
            changed(
                "Cargo.toml",
                "modified",
                &format!("@@ -{line},1 +{line},1 @@\n-serde = \"1.0\"\n+serde = \"{version}\""),
            ),
            changed("Cargo.lock", "modified", &format!("@@ -{line},1 +{line},1 @@\n-x\n+{version}")),
            changed(&format!("migrations/0042_{name}.sql"), "added", "@@ -0,0 +1 @@\n+select 1;"),
        ]
    };
    opens_with(&mut desk, 1, files("1.1", "invoices", 10));
    opens_with(&mut desk, 2, files("2.0", "refunds", 30));
    let view = plan(&desk.state, &desk.context, "main", desk.now);
    let said: Vec<(&str, &str)> =
        view.collisions.iter().map(|found| (found.kind.as_str(), found.why.as_str())).collect();
    assert_eq!(
        said,
        [
            ("package", "Both move the dependency serde: one to 1.1, the other to 2.0."),
            ("lockfile", "Both make Cargo.lock anew; whoever lands second has to make it again."),
            (
                "sequence",
                "Both claim number 42 of migrations: migrations/0042_invoices.sql and migrations/0042_refunds.sql."
            ),
        ]
    );
    assert_eq!(view.waves, [[PrNumber(1), PrNumber(2)]], "the default policy keeps only textual collisions apart");
    assert_eq!(view.order.iter().map(|position| position.wave).collect::<Vec<_>>(), [1, 1]);
    desk.context.policy.order.enforce = ["textual", "package"].map(str::to_owned).into();
    let view = plan(&desk.state, &desk.context, "main", desk.now);
    assert_eq!(view.waves, [[PrNumber(1)], [PrNumber(2)]]);
    desk.green(PrNumber(1));
    desk.green(PrNumber(2));
    assert_eq!(desk.codes(PrNumber(2)), ["blocked.collision.package"]);
}

#[test]
fn the_one_that_would_have_to_redo_more_lands_first_and_the_plan_says_so() {
    let mut desk = Desk::new();
    let long: String = (0..30).map(|line| format!("-old {line}\n+new {line}\n")).collect();
    let small = opens_with(&mut desk, 1, vec![file("src/lib.rs", 12, 1)]);
    let large =
        opens_with(&mut desk, 2, vec![changed("src/lib.rs", "modified", &format!("@@ -1,30 +1,30 @@\n{long}"))]);
    desk.green(small);
    desk.green(large);
    desk.passes(2);
    let view = plan(&desk.state, &desk.context, "main", desk.now);
    assert_eq!(view.waves, [[large], [small]]);
    assert_eq!(view.order[0].reason, "It lands before #1: they redo less (2) than it would after them (60).");
    assert!(
        view.order[1].reason.ends_with("If #1 went first, #2 would have to be redone (60)."),
        "{}",
        view.order[1].reason
    );
    desk.says(small, "bob", &format!("/confirm {}", sha(100)));
    assert_eq!(desk.codes(small), ["waits.order"]);
    desk.says(large, "bob", "/confirm");
    assert!(desk.is_merged(large));
}

/// 52 units that all change the first line of one file are one group; they land one by one, and nobody's words name another.
#[test]
fn a_hot_place_is_one_group_and_lets_one_through_at_a_time() {
    let mut desk = Desk::new();
    desk.restarts = false;
    let all: Vec<PrNumber> = (1..=52).map(|number| desk.prepare(number, "alice", "CHANGELOG.md", 1)).collect();
    for pr in &all {
        // Drafts are members of the place and hold nobody back.
        desk.snapshots.get_mut(pr).unwrap().draft = (2..52).contains(&pr.0);
        desk.pull(*pr, PullAction::Opened);
    }
    let view = plan(&desk.state, &desk.context, "main", desk.now);
    let group = &view.groups[0];
    assert_eq!((group.path.as_str(), group.kind.as_str(), group.members.len()), ("CHANGELOG.md", "textual", 52));
    assert_eq!(view.waves.len(), 52);
    let (first, last) = (all[0], all[51]);
    desk.green(last);
    desk.says(last, "bob", &format!("/confirm {}", sha(5200)));
    let text = desk.brief(last).reasons[0].text.clone();
    assert_eq!(
        text,
        "Many open units change the same lines (CHANGELOG.md); they land one by one, and another one is next."
    );
    desk.green(first);
    desk.passes(2);
    desk.says(first, "bob", "/confirm");
    desk.restart();
    assert_eq!(desk.merges(), [1]);
}

/// What is remembered of pairs is forgotten when they change: those in a line keep the order that a fresh look at them gives.
#[test]
fn a_line_of_live_units_keeps_its_order_when_some_go_and_come() {
    let mut desk = Desk::new();
    desk.restarts = false;
    for number in 1..=30 {
        desk.opens(number, "alice", "CHANGELOG.md", 1);
    }
    for number in [3, 17, 28] {
        desk.snapshots.get_mut(&PrNumber(number)).unwrap().state = PullState::Closed;
        desk.pull(PrNumber(number), PullAction::Closed);
    }
    let long: String = (0..30).map(|line| format!("-old {line}\n+new {line}\n")).collect();
    opens_with(&mut desk, 31, vec![changed("CHANGELOG.md", "modified", &format!("@@ -1,30 +1,30 @@\n{long}"))]);
    let sums = |desk: &Desk| {
        let units = desk.state.units().map(|unit| unit.number);
        units.map(|number| desk.state.relations.sum(number, &[Kind::Textual])).collect::<Vec<_>>()
    };
    let kept = sums(&desk);
    assert!(kept.contains(&(-58 * 27, 27)), "the long one is to be redone after none of the 27: {kept:?}");
    desk.restart();
    assert_eq!(sums(&desk), kept);
}

#[test]
fn what_commits_say_is_a_dependency_too_here_and_in_other_repositories() {
    let mut desk = Desk::new();
    desk.opens(1, "alice", "a.rs", 1);
    let second = desk.prepare(2, "alice", "b.rs", 1);
    let message = "Use it\n\nDepends-On: #1\nDepends-On: acme/lib#3\nCo-authored-by: Ann <ann@example.com>\n";
    desk.snapshots.get_mut(&second).unwrap().messages = Some(vec![message.into()]);
    desk.elsewhere.insert("acme/lib#3".into(), Elsewhere::Missing);
    desk.pull(second, PullAction::Opened);
    assert_eq!(desk.codes(second)[..2], ["waits.dependency", "blocked.dependency.unreadable"]);
    let needed: Vec<String> = desk.brief(second).depends_on.iter().map(|needed| needed.unit.clone()).collect();
    assert_eq!(needed, ["#1", "acme/lib#3"]);
    assert_eq!(desk.brief(PrNumber(1)).dependents[0].unit, "#2");
    assert_eq!(desk.state.unit(second).unwrap().commits.co_authors[0].name, "Ann");
    // A new head whose commits say nothing of it needs nothing.
    desk.snapshots.get_mut(&second).unwrap().messages = Some(vec!["Use it".into()]);
    desk.pushes(second, 201);
    assert_eq!(desk.codes(second), ["waits.evidence"]);
}

#[test]
fn a_backport_is_named_and_collides_with_nothing_of_another_base() {
    let mut desk = Desk::new();
    desk.rules.insert("release/1.x".into(), BaseRules { protected: true, ..BaseRules::default() });
    let original = desk.opens(1, "alice", "a.rs", 1);
    let on_release = |desk: &mut Desk, number: u64, message: &str| {
        let pr = desk.prepare(number, "alice", "a.rs", 1);
        let snapshot = desk.snapshots.get_mut(&pr).unwrap();
        snapshot.base_ref = "release/1.x".into();
        snapshot.messages = Some(vec![message.to_owned()]);
        pr
    };
    let by_trailer = on_release(&mut desk, 2, &format!("Fix\n\n(cherry picked from commit {})", sha(100)));
    desk.pull(by_trailer, PullAction::Opened);
    let brief = desk.brief(by_trailer);
    assert_eq!(
        brief.backport_of.as_ref().map(|backport| backport.why.as_str()),
        Some("It is a backport of #1, which is open on `main`, to `release/1.x`: its commits say so.")
    );
    assert!(brief.conflicts.is_empty() && desk.brief(original).conflicts.is_empty());
    assert_eq!(desk.brief(original).backport_of, None);
    assert_eq!(plan(&desk.state, &desk.context, "release/1.x", desk.now).waves, [[by_trailer]]);
    let same_change = on_release(&mut desk, 3, "Fix");
    let files = desk.files[&original].clone();
    desk.files.insert(same_change, files);
    desk.pull(same_change, PullAction::Opened);
    let why = |desk: &mut Desk| desk.brief(same_change).backport_of.map(|backport| backport.why).unwrap_or_default();
    assert_eq!(
        why(&mut desk),
        "It is a backport of #1, which is open on `main`, to `release/1.x`: the change is the same line by line."
    );
    desk.green(original);
    desk.passes(2);
    desk.says(original, "bob", "/confirm");
    assert!(desk.is_merged(original));
    assert!(why(&mut desk).starts_with("It is a backport of #1, which landed on `main`"), "{}", why(&mut desk));
}

#[test]
fn what_gitattributes_says_is_read_once_and_again_when_a_landing_touches_it() {
    let mut desk = Desk::new();
    desk.attributes = "gen/** linguist-generated\n".into();
    let read =
        |desk: &mut Desk| std::mem::take(&mut desk.reads).iter().filter(|need| **need == Need::Attributes).count();
    let apart = |at: u32| vec![file("gen/api.rs", at, 1)];
    opens_with(&mut desk, 1, apart(1));
    opens_with(&mut desk, 2, apart(40));
    assert_eq!(read(&mut desk), 1);
    let kinds = |desk: &mut Desk| {
        let found = desk.brief(PrNumber(1)).conflicts;
        found.into_iter().map(|conflict| conflict.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&mut desk), ["lockfile"]);
    desk.restart();
    assert_eq!(kinds(&mut desk), ["lockfile"], "it is kept");
    let third = opens_with(
        &mut desk,
        3,
        vec![changed(".gitattributes", "modified", "@@ -1 +1 @@\n-gen/** linguist-generated\n+x")],
    );
    desk.green(third);
    desk.passes(2);
    desk.says(third, "bob", "/confirm");
    assert!(desk.is_merged(third));
    desk.attributes = "x\n".into();
    desk.happens(Event::Look { number: PrNumber(1) });
    assert_eq!(read(&mut desk), 1);
    assert_eq!(kinds(&mut desk), ["overlap"]);
}

#[test]
fn a_dependency_may_be_waived_by_command_and_named_again() {
    let mut desk = Desk::new();
    desk.opens(1, "alice", "a.rs", 1);
    let second = desk.prepare(2, "alice", "b.rs", 1);
    desk.snapshots.get_mut(&second).unwrap().body = "Depends-On: #1".into();
    desk.pull(second, PullAction::Opened);
    assert_eq!(desk.codes(second)[0], "waits.dependency");
    desk.says(second, "alice", "/not-after #1");
    assert_eq!(desk.codes(second), ["waits.evidence"]);
    desk.says(second, "alice", "/after #1");
    assert_eq!(desk.codes(second)[0], "waits.dependency");
}

#[test]
fn a_dependency_that_wants_to_land_elsewhere_is_told_apart() {
    let mut desk = Desk::new();
    let first = desk.prepare(1, "alice", "a.rs", 1);
    desk.snapshots.get_mut(&first).unwrap().base_ref = "release".into();
    desk.rules.insert("release".into(), BaseRules { protected: true, ..BaseRules::default() });
    desk.pull(first, PullAction::Opened);
    let second = desk.prepare(2, "alice", "b.rs", 1);
    desk.snapshots.get_mut(&second).unwrap().body = "Depends-On: #1".into();
    desk.pull(second, PullAction::Opened);
    assert_eq!(desk.brief(second).reasons[0].text, "It needs #1 to land first, which wants to land on `release`.");
}

#[test]
fn itself_and_a_circle_of_fifty_block_only_their_members() {
    let mut desk = Desk::new();
    desk.restarts = false;
    for number in 1..=52 {
        let needs = match number {
            50 => "Depends-On: #1".to_owned(),
            51 => "Depends-On: #51".to_owned(),
            52 => String::new(),
            _ => format!("Depends-On: #{}", number + 1),
        };
        let pr = desk.prepare(number, "alice", &format!("{number}.rs"), 1);
        desk.snapshots.get_mut(&pr).unwrap().body = needs;
        desk.pull(pr, PullAction::Opened);
    }
    for number in [1, 25, 50, 51] {
        desk.happens(Event::Look { number: PrNumber(number) });
        assert_eq!(desk.codes(PrNumber(number))[0], "blocked.dependency.cycle", "{number}");
    }
    assert_eq!(desk.codes(PrNumber(52)), ["waits.evidence"]);
    let text = desk.brief(PrNumber(25)).reasons[0].text.clone();
    assert!(
        text.starts_with("Dependencies form a cycle: #25 needs #26 needs") && text.matches("needs").count() == 50,
        "{text}"
    );
}

/// What another unit changes above moves the lines of an open one, so that a later newcomer is compared in the right place.
#[test]
fn footprints_are_carried_across_what_lands() {
    let mut desk = Desk::new();
    let inserts: String = (0..40).map(|line| format!("+line {line}\n")).collect();
    let first =
        opens_with(&mut desk, 1, vec![changed("src/lib.rs", "modified", &format!("@@ -1,0 +2,40 @@\n{inserts}"))]);
    desk.green(first);
    let open = desk.opens_green(2, "bob", "src/lib.rs", 100);
    desk.says(first, "carol", "/confirm");
    assert!(desk.is_merged(first), "{:?}", desk.codes(first));
    let same_place = desk.opens_green(3, "carol", "src/lib.rs", 140);
    assert_eq!(desk.codes(same_place), ["blocked.collision.textual"]);
    let old_place = desk.opens_green(4, "carol", "src/lib.rs", 100);
    assert_eq!(desk.standing(old_place), Standing::AwaitingJudgment, "{:?}", desk.codes(old_place));
    let _ = open;
}

#[test]
fn a_dependency_in_another_repository_works_both_ways() {
    let mut desk = Desk::new();
    let there = |state| Elsewhere::Pull { repo: RepoId(88), state, base: "main".into() };
    desk.elsewhere.insert("acme/billing#5".into(), there(PullState::Open));
    let pr = desk.prepare(1, "alice", "a.rs", 1);
    desk.snapshots.get_mut(&pr).unwrap().body = "Depends-On: acme/billing#5".into();
    desk.pull(pr, PullAction::Opened);
    desk.green(pr);
    assert_eq!(desk.codes(pr), ["waits.dependency"]);
    assert_eq!(desk.brief(pr).reasons[0].text, "It needs acme/billing#5 to land first.");
    let by = Awaiting { unit: UnitKey { repo: RepoId(77), number: pr }, full_name: "acme/shop".into(), private: false };
    assert_eq!(desk.told, [Tell { repo: RepoId(88), event: Event::Awaited { number: PrNumber(5), by } }]);
    // The other repository says that it landed.
    desk.elsewhere.insert("acme/billing#5".into(), there(PullState::Merged));
    desk.happens(Event::Look { number: pr });
    assert_eq!(desk.standing(pr), Standing::AwaitingJudgment, "{:?}", desk.codes(pr));
}

#[test]
fn one_that_is_awaited_elsewhere_shows_it_and_says_what_became_of_it() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(5, "alice", "a.rs", 1);
    let unit = |repo, number| UnitKey { repo: RepoId(repo), number: PrNumber(number) };
    for (repo, name, private) in [(88, "acme/web", false), (89, "acme/secret", true)] {
        let by = Awaiting { unit: unit(repo, 3), full_name: name.into(), private };
        desk.happens(Event::Awaited { number: pr, by: by.clone() });
        desk.happens(Event::Awaited { number: pr, by });
    }
    let shown: Vec<String> = desk.brief(pr).dependents.into_iter().map(|dependent| dependent.unit).collect();
    assert_eq!(shown, ["acme/web#3"], "what is private is not shown where more people look");
    assert!(desk.told.is_empty());
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr));
    let look = |repo| Tell { repo: RepoId(repo), event: Event::Look { number: PrNumber(3) } };
    assert_eq!(desk.told, [look(88), look(89)]);
}

#[test]
fn what_cannot_be_read_elsewhere_is_told_apart_and_what_nobody_tells_is_read_again() {
    let cases = [
        (Elsewhere::Missing, "It needs acme/billing#5, and there is no such pull request: check the reference."),
        (Elsewhere::Unreadable, "It needs acme/billing#5, which Flyball cannot read: check the reference."),
        (
            Elsewhere::Pull { repo: RepoId(88), state: PullState::Closed, base: "main".into() },
            "It needs acme/billing#5, which was closed without landing: remove the dependency, or reopen that one.",
        ),
    ];
    for (seen, text) in cases {
        let mut desk = Desk::new();
        desk.elsewhere.insert("acme/billing#5".into(), seen);
        let pr = desk.prepare(1, "alice", "a.rs", 1);
        desk.snapshots.get_mut(&pr).unwrap().body = "Depends-On: https://github.com/acme/billing/pull/5".into();
        desk.pull(pr, PullAction::Opened);
        assert_eq!(desk.brief(pr).reasons[0].text, text);
        desk.green(pr);
        let landed = Elsewhere::Pull { repo: RepoId(88), state: PullState::Merged, base: "main".into() };
        desk.elsewhere.insert("acme/billing#5".into(), landed);
        desk.passes(16 * 60);
        assert_eq!(desk.standing(pr), Standing::AwaitingJudgment);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever comes and goes, a unit is kept apart from exactly those with whom comparing every pair finds it.
    #[test]
    fn ties_and_crowds_are_what_comparing_all_pairs_finds(
        places in prop::collection::vec((0..3_u64, 0..4_u32), 70..90),
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let mut desk = Desk::new();
        let pr = desk.opens(1, "alice", "src/0.rs", 1);
        let pattern = desk.state.unit(pr).unwrap().clone();
        let mut relations = Relations::default();
        let mut units: Vec<_> = places.iter().enumerate().map(|(at, (path, line))| {
            let number = PrNumber(at as u64 + 1);
            let seen = file(&format!("src/{path}.rs"), line * 7 + 1, number.0);
            let entry = crate::domain::integration::files::FileEntry {
                filename: &seen.filename, status: "modified", patch: seen.patch.as_deref(), additions: 1, deletions: 1, ..Default::default()
            };
            crate::domain::unit::Unit { number, footprint: crate::domain::integration::files::footprint([entry], Some(1)), ..pattern.clone() }
        }).collect();
        for unit in &units {
            relations.put(unit);
        }
        for at in gone {
            if !units.is_empty() {
                let unit = units.remove(at.index(units.len()));
                relations.remove(unit.number);
            }
        }
        for unit in &units {
            let expected: BTreeSet<PrNumber> = units.iter().filter(|other| other.number != unit.number).filter(|other| {
                between(&unit.footprint, &other.footprint).iter().any(|found| found.kind == Kind::Textual && found.certainty == Certainty::Certain)
            }).map(|other| other.number).collect();
            prop_assert_eq!(relations.enforced(unit.number, &[Kind::Textual]), expected);
        }
    }
}
