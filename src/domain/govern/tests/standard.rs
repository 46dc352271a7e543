//! The policy file on the server: read, put in force, obeyed.

use super::super::*;
use super::desk::{Desk, actor, sha};
use crate::domain::ids::*;
use crate::domain::unit::Standing;

impl Desk {
    /// A desk whose repository has this policy file.
    fn with_policy(text: &str) -> Self {
        let mut desk = Self::new();
        desk.policy = seen(text);
        desk
    }

    /// The policy file on the default branch becomes another one.
    fn policy_becomes(&mut self, text: &str) {
        self.policy = seen(text);
        self.happens(Event::Push { branch: "main".into(), after: Some(sha(8)), before: Some(sha(1)), policy: true });
    }

    fn reviews(&mut self, pr: PrNumber, login: &str, state: ReviewState) {
        let review = ReviewSeen {
            id: ReviewId(self.id()),
            author: Some(actor(login)),
            state,
            commit: Some(self.snapshots[&pr].head_sha.clone()),
            body: String::new(),
            submitted_at: self.now,
        };
        self.happens(Event::Review { action: ReviewAction::Submitted, number: pr, review });
    }

    fn in_team(&mut self, team: &str, logins: &[&str]) {
        self.members.insert(team.into(), logins.iter().map(|login| (*login).to_owned()).collect());
    }
}

fn seen(text: &str) -> PolicySeen {
    PolicySeen { file: Some(("b10b".into(), format!("version: 1\n{text}"))), extended: None, owners: None }
}

const DBA: &str = "rules:\n  - name: Migrations need a DBA\n    when: { paths: ['migrations/**'] }\n    require: { evidence: [dry-run], confirm: { by: ['@acme/dba'] } }\n";

#[test]
fn a_rule_adds_what_it_requires_to_the_units_it_matches() {
    let mut desk = Desk::with_policy(DBA);
    let plain = desk.opens_green(1, "alice", "src/lib.rs", 10);
    assert_eq!(desk.standing(plain), Standing::AwaitingJudgment);
    let migration = desk.opens_green(2, "alice", "migrations/7.sql", 10);
    assert_eq!((desk.standing(migration), desk.codes(migration)), (Standing::Gathering, vec!["waits.evidence"]));
    desk.check(migration, "dry-run", Seen::Passing);
    assert_eq!(desk.codes(migration), ["waits.confirm"]);
    let brief = desk.brief(migration);
    assert_eq!(
        brief.suggestion.unwrap().who,
        ["a member of acme/dba other than alice", "anyone with write access other than alice"]
    );
    assert_eq!(
        brief.reasons[0].text,
        "It waits for a confirm by a member of acme/dba (Migrations need a DBA), and by somebody with write access."
    );
}

#[test]
fn who_is_in_the_team_confirms_and_who_is_not_is_told_so() {
    let mut desk = Desk::with_policy(DBA);
    desk.in_team("acme/dba", &["dora"]);
    desk.rights.insert("dora".into(), Right::Write);
    desk.rights.insert("rolf".into(), Right::Read);
    let pr = desk.opens_green(2, "alice", "migrations/7.sql", 10);
    desk.check(pr, "dry-run", Seen::Passing);
    desk.passes(2);
    desk.says(pr, "rolf", "/confirm");
    assert!(desk.replies()[0].contains("it takes a member of acme/dba"), "{:?}", desk.replies());
    desk.says(pr, "bob", "/confirm");
    assert!(!desk.is_merged(pr), "bob may write, and is no DBA");
    assert_eq!(desk.codes(pr), ["waits.confirm"]);
    desk.says(pr, "dora", "/confirm");
    assert!(desk.is_merged(pr), "{:?}", desk.brief(pr).conditions);
}

#[test]
fn a_team_that_cannot_be_read_is_unknown_and_never_met() {
    let mut desk = Desk::with_policy(DBA);
    let pr = desk.opens_green(2, "alice", "migrations/7.sql", 10);
    desk.check(pr, "dry-run", Seen::Passing);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    desk.passes(3600);
    assert!(desk.brief(pr).reasons[0].text.ends_with("Who may was not read yet."), "{:?}", desk.brief(pr).reasons);
    assert!(!desk.is_merged(pr) && desk.codes(pr).contains(&"waits.confirm"));
}

#[test]
fn whoever_leaves_the_team_before_it_lands_no_longer_counts() {
    let mut desk = Desk::with_policy(DBA);
    desk.in_team("acme/dba", &["bob"]);
    let pr = desk.opens(2, "alice", "migrations/7.sql", 10);
    desk.check(pr, "dry-run", Seen::Passing);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    assert_eq!(desk.brief(pr).decisions[0].counts, "counts");
    desk.passes(60);
    desk.in_team("acme/dba", &[]);
    desk.green(pr);
    desk.passes(60);
    assert!(!desk.is_merged(pr), "bob may write, and is no DBA any more");
    assert_eq!(
        desk.brief(pr).reasons[0].text,
        "It waits for a confirm by a member of acme/dba (Migrations need a DBA)."
    );
    desk.rights.insert("bob".into(), Right::Read);
    desk.in_team("acme/dba", &["dora"]);
    desk.rights.insert("dora".into(), Right::Write);
    desk.says(pr, "dora", "/confirm");
    assert!(desk.is_merged(pr), "one person may satisfy several requirements");
    assert_eq!(desk.brief(pr).decisions[0].counts, "void: the person may no longer decide");
}

#[test]
fn two_people_from_two_teams_must_be_two_people() {
    let mut desk = Desk::with_policy("confirm: { each: ['@acme/dba', '@acme/ops'], reviews: false }\n");
    desk.in_team("acme/dba", &["bob", "carol"]);
    desk.in_team("acme/ops", &["bob"]);
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    assert!(!desk.is_merged(pr), "one person stands for one team");
    desk.says(pr, "mona", "/confirm");
    assert!(!desk.is_merged(pr), "mona is in neither");
    desk.says(pr, "carol", "/confirm");
    assert!(desk.is_merged(pr), "{:?}", desk.brief(pr).conditions);
}

const DOCS: &str = "rules:\n  - name: Documentation lands by itself\n    when: { only_paths: ['docs/**', '.github/workflows/**'] }\n    autonomy: auto\n";

#[test]
fn documentation_lands_by_itself_once_its_evidence_is_there() {
    let mut desk = Desk::with_policy(DOCS);
    let pr = desk.opens(1, "alice", "docs/a.md", 10);
    assert!(!desk.is_merged(pr));
    desk.green(pr);
    desk.passes(5);
    assert!(desk.is_merged(pr), "{:?}", desk.brief(pr));
    assert!(desk.trace[&pr].iter().any(|line| line.contains("permitted by Documentation lands by itself")));
    for (number, path) in [(2, "src/lib.rs"), (3, ".github/workflows/ci.yml")] {
        let pr = desk.opens_green(number, "alice", path, 10);
        desk.passes(60);
        assert!(!desk.is_merged(pr), "{path}");
    }
}

#[test]
fn what_lands_by_itself_is_still_stopped_by_a_hold_and_by_a_rule_that_objects() {
    let keeps = format!(
        "{DOCS}  - name: Prices are looked at\n    when: {{ paths: ['docs/prices.md'] }}\n    require: {{ confirm: {{ by: [maintain] }} }}\n"
    );
    let mut desk = Desk::with_policy(&keeps);
    let held = desk.opens(1, "alice", "docs/a.md", 10);
    desk.says(held, "bob", "/hold");
    desk.green(held);
    let prices = desk.opens_green(2, "alice", "docs/prices.md", 10);
    desk.passes(60);
    assert!(!desk.is_merged(held) && !desk.is_merged(prices));
    desk.says(prices, "bob", "/confirm");
    assert!(!desk.is_merged(prices), "bob does not maintain");
    desk.says(prices, "mona", "/confirm");
    assert!(desk.is_merged(prices));
}

#[test]
fn a_broken_policy_leaves_the_last_valid_one_in_force_and_blocks_only_who_carries_it() {
    let mut desk = Desk::with_policy(DOCS);
    let docs = desk.opens(1, "alice", "docs/a.md", 10);
    desk.policy_becomes("rules:\n  - nam: Misspelt\n");
    let kept = desk.state.policy_kept().unwrap();
    assert!(
        kept.broken.as_ref().is_some_and(|why| why.contains("line 3") && why.contains("name")),
        "{:?}",
        kept.broken
    );
    desk.green(docs);
    desk.passes(5);
    assert!(desk.is_merged(docs), "the last valid version holds");

    desk.texts.insert(sha(200), "version: 1\nrulez: []\n".into());
    let pr = desk.opens_green(2, "alice", ".github/flyball.yml", 1);
    assert_eq!((desk.standing(pr), desk.conclusion(pr)), (Standing::Blocked, Some(Conclusion::Failure)));
    assert!(desk.brief(pr).reasons[0].text.contains("line 2, column 1"), "{:?}", desk.brief(pr).reasons);
    desk.texts.insert(sha(201), "version: 1\nrules: []\n".into());
    desk.pushes(pr, 201);
    desk.green(pr);
    assert_eq!(desk.codes(pr), ["waits.confirm"]);
}

#[test]
fn a_policy_in_the_judged_pull_request_does_not_judge_it() {
    let mut desk = Desk::with_policy("confirm: { by: [maintain] }\n");
    desk.texts.insert(sha(100), "version: 1\nconfirm: { by: [write] }\n".into());
    let pr = desk.opens_green(1, "alice", ".github/flyball.yml", 1);
    desk.says(pr, "bob", "/confirm");
    assert!(!desk.is_merged(pr));
    desk.says(pr, "mona", "/confirm");
    assert!(desk.is_merged(pr));
}

#[test]
fn open_units_are_judged_anew_when_the_policy_changes() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "migrations/7.sql", 10);
    assert_eq!(desk.codes(pr), ["waits.confirm"]);
    desk.policy_becomes(DBA);
    assert_eq!(desk.codes(pr), ["waits.evidence"]);
    assert!(desk.trace[&pr].iter().any(|line| line.contains("policy_changed")));
    desk.policy = PolicySeen::default();
    desk.happens(Event::Push { branch: "main".into(), after: Some(sha(9)), before: Some(sha(8)), policy: true });
    assert_eq!(desk.codes(pr), ["waits.confirm"], "the file is gone: the defaults hold");
}

#[test]
fn a_policy_that_cannot_be_read_lets_nothing_land() {
    let mut desk = Desk::new();
    desk.policy_unread = true;
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    desk.passes(300);
    assert!(!desk.is_merged(pr) && desk.codes(pr).contains(&"waits.github"));
    desk.policy_unread = false;
    desk.passes(60);
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr), "{:?}", desk.brief(pr));
}

#[test]
fn observing_blocks_nothing_and_executes_nothing() {
    let mut desk = Desk::with_policy("mode: observe\n");
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    assert_eq!(desk.conclusion(pr), Some(Conclusion::Neutral));
    desk.says(pr, "bob", "/confirm");
    desk.passes(60);
    assert!(!desk.is_merged(pr) && desk.brief(pr).observe);
}

#[test]
fn approvals_that_a_policy_asks_for_are_waited_for() {
    let mut desk = Desk::with_policy("reviews: { approvals: 2 }\nconfirm: { reviews: true }\n");
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    assert!(desk.codes(pr).contains(&"waits.review"));
    desk.reviews(pr, "bob", ReviewState::Approved);
    assert!(desk.codes(pr).contains(&"waits.review"));
    desk.reviews(pr, "mona", ReviewState::ChangesRequested);
    desk.reviews(pr, "carol", ReviewState::Approved);
    assert!(desk.brief(pr).reasons.iter().any(|reason| reason.text.contains("mona asked for changes")));
    desk.reviews(pr, "mona", ReviewState::Approved);
    assert_eq!(desk.standing(pr), Standing::Cleared, "{:?}", desk.brief(pr).conditions);
}

#[test]
fn a_confirm_outlives_a_push_of_the_same_change_where_the_policy_says_so() {
    for (keeps, text) in [(true, "confirm: { keep_on: [same_content] }\n"), (false, "confirm: { count: 1 }\n")] {
        let mut desk = Desk::with_policy(text);
        let pr = desk.opens(1, "alice", "src/lib.rs", 10);
        desk.passes(2);
        desk.says(pr, "bob", "/confirm");
        desk.pushes(pr, 101);
        desk.green(pr);
        desk.passes(60);
        assert_eq!(desk.is_merged(pr), keeps, "{text}");
        let other = desk.opens(2, "alice", "src/other.rs", 10);
        desk.passes(2);
        desk.says(other, "bob", "/confirm");
        desk.files.insert(other, vec![super::doings::file("src/other.rs", 10, 99)]);
        desk.pushes(other, 201);
        desk.green(other);
        desk.passes(60);
        assert!(!desk.is_merged(other), "another change");
    }
}

#[test]
fn a_bot_confirms_only_where_it_is_named() {
    for (merged, text) in [(false, "confirm: { by: [write] }\n"), (true, "confirm: { by: ['@release-bot[bot]'] }\n")] {
        let mut desk = Desk::with_policy(text);
        desk.rights.insert("release-bot[bot]".into(), Right::Write);
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.says(pr, "release-bot[bot]", "/confirm");
        assert_eq!(desk.is_merged(pr), merged, "{text}: {:?}", desk.replies());
    }
}

#[test]
fn who_may_lift_is_what_the_policy_says() {
    let mut desk = Desk::with_policy("lift: { by: ['@acme/leads'] }\n");
    desk.in_team("acme/leads", &["carol"]);
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/hold");
    desk.says(pr, "mona", "/lift");
    assert_eq!(desk.codes(pr), ["blocked.hold"], "maintain is not named");
    desk.says(pr, "carol", "/lift");
    assert_eq!(desk.codes(pr), ["waits.confirm"]);
}

#[test]
fn a_window_that_closes_is_noticed_without_an_event() {
    let freeze = "rules:\n  - name: Freeze\n    when: { during: { from: 2026-03-04T11:00:00Z, until: 2026-03-04T13:00:00Z } }\n    require: { evidence: [release] }\n";
    let mut desk = Desk::with_policy(freeze);
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    assert_eq!(desk.codes(pr), ["waits.evidence"]);
    desk.passes(3600 + 60);
    assert_eq!(desk.codes(pr), ["waits.confirm"]);
    assert_eq!(desk.conclusion(pr), Some(Conclusion::ActionRequired), "GitHub was told");
}

#[test]
fn an_exclusive_component_is_changed_by_one_unit_at_a_time() {
    let policy = "order: { enforce: [textual, component] }\ncomponents:\n  - { name: billing, paths: ['billing/**'], exclusive: true }\n";
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "billing/a.rs", 10);
    let second = desk.opens_green(2, "carol", "billing/b.rs", 10);
    assert!(desk.brief(second).conflicts.is_empty());
    desk.policy_becomes(policy);
    assert_eq!(desk.brief(second).conflicts[0].kind, "component");
    desk.reviews(second, "bob", ReviewState::Approved);
    desk.reviews(first, "bob", ReviewState::Approved);
    let holders = [first, second].iter().filter(|pr| desk.conclusion(**pr) == Some(Conclusion::Success)).count();
    assert_eq!(holders, 1, "related units never both hold a grant");
}

#[test]
fn a_label_that_is_a_priority_goes_first() {
    let mut desk = Desk::with_policy("priorities: { hotfix: 100 }\n");
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let second = desk.prepare(2, "carol", "src/lib.rs", 10);
    desk.snapshots.get_mut(&second).unwrap().labels = vec!["hotfix".into()];
    desk.pull(second, PullAction::Opened);
    desk.green(second);
    desk.passes(2);
    let plan = plan(&desk.state, &desk.context, "main", desk.now);
    let order: Vec<PrNumber> = plan.order.iter().map(|place| place.number).collect();
    assert_eq!(order, [second, first]);
    desk.says(first, "bob", "/priority urgent");
    assert!(desk.replies()[0].contains("the policy names the levels `hotfix`"), "{:?}", desk.replies());
    desk.says(first, "bob", "/priority hotfix");
    assert_eq!(desk.state.unit(first).unwrap().priority.as_deref(), Some("hotfix"));
}

/// A unit on a release branch, which is protected or not, and has a policy file of its own or not.
fn on_release(protected: bool, own: Option<&str>) -> (Desk, PrNumber) {
    let mut desk = Desk::with_policy("confirm: { by: [write] }\n");
    let rules = BaseRules { protected, ..desk.rules["main"].clone() };
    desk.rules.insert("release/1".into(), rules);
    desk.own_policies.extend(own.map(|text| ("release/1".to_owned(), seen(text))));
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    desk.snapshots.get_mut(&pr).unwrap().base_ref = "release/1".into();
    desk.pull(pr, PullAction::Opened);
    desk.green(pr);
    desk.passes(2);
    (desk, pr)
}

#[test]
fn a_protected_base_is_judged_by_its_own_file_and_by_the_default_branchs_where_it_has_none() {
    let strict = "confirm: { by: [maintain] }\n";
    let (mut desk, pr) = on_release(true, Some(strict));
    desk.says(pr, "bob", "/confirm");
    assert!(!desk.is_merged(pr), "write is not enough on this base");
    desk.says(pr, "mona", "/confirm");
    assert!(desk.is_merged(pr));

    let (mut desk, pr) = on_release(true, None);
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr));

    // On a base that anybody may push to, a file of its own would be anybody's.
    let (desk, pr) = on_release(false, Some(strict));
    assert_eq!(desk.codes(pr), ["blocked.base.ungoverned"]);
    assert!(!desk.reads.contains(&Need::PolicyOf("release/1".into())));
}

#[test]
fn a_bases_own_file_that_breaks_stays_in_force_as_it_was_and_a_push_to_it_is_heard() {
    let (mut desk, pr) = on_release(true, Some("confirm: { by: [maintain] }\n"));
    let push = || Event::Push { branch: "release/1".into(), after: Some(sha(9)), before: Some(sha(8)), policy: true };
    desk.own_policies.insert("release/1".into(), seen("rulez: []\n"));
    desk.happens(push());
    desk.says(pr, "bob", "/confirm");
    assert!(!desk.is_merged(pr), "the last valid version holds");
    desk.own_policies.insert("release/1".into(), seen("confirm: { by: [write] }\n"));
    desk.happens(push());
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr), "{:?}", desk.brief(pr));
}
