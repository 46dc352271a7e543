//! Who may confirm, and how many are enough.

use std::collections::BTreeSet;

use super::super::{PolicyNeed, Requirement, Verdict, may_confirm};
use super::{lines, policy, unit};
use Verdict::{Met, Unknown, Unmet};

const PEOPLE: &str = "people:
  alice: { id: 1, right: write }
  bob: { id: 2, right: write, teams: { acme/dba: true, acme/security: true } }
  carol: { id: 3, right: admin, teams: { acme/dba: true, acme/security: false } }
  dave: { id: 4, right: read, teams: { acme/dba: false, acme/security: { unknown: no members permission } } }
  erin: { id: 5, right: { unknown: bad gateway }, teams: { acme/dba: false, acme/security: false } }
  'ci[bot]': { id: 6, bot: true, right: write }
  alice-now: { id: 1, right: admin }
author: { login: alice, id: 1 }
";

#[test]
fn confirms_count_as_the_requirement_says() {
    let cases: &[(&str, &str, &str, Verdict)] = &[
        ("write", "{}", "[bob]", Met),
        ("nobody", "{}", "[]", Unmet),
        ("read is not write", "{}", "[dave]", Unmet),
        ("not known is not write", "{}", "[erin]", Unknown),
        ("one that is known is enough", "{}", "[erin, bob]", Met),
        ("the author", "{}", "[alice]", Unmet),
        ("the author by another spelling", "{}", "[Alice]", Unmet),
        ("the author under a new login", "{}", "[alice-now]", Unmet),
        ("the author where it may", "{ author: true }", "[alice]", Met),
        ("a bot", "{}", "['ci[bot]']", Unmet),
        ("a bot that is named", "{ by: ['@ci[bot]'] }", "['ci[bot]']", Met),
        ("maintain", "{ by: [maintain] }", "[bob]", Unmet),
        ("admin is more than maintain", "{ by: maintain }", "[carol]", Met),
        ("a person", "{ by: ['@Dave'] }", "[dave]", Met),
        ("another person", "{ by: ['@dave'] }", "[carol]", Unmet),
        ("a team", "{ by: ['@acme/dba'] }", "[carol]", Met),
        ("not of the team", "{ by: ['@acme/dba'] }", "[erin]", Unmet),
        ("a team that cannot be read", "{ by: ['@acme/security'] }", "[dave]", Unknown),
        ("a team or a right", "{ by: ['@acme/security', write] }", "[bob]", Met),
        ("two people", "{ count: 2 }", "[bob, carol]", Met),
        ("one person twice", "{ count: 2 }", "[bob, BOB]", Unmet),
        ("one perhaps", "{ count: 2 }", "[bob, erin]", Unknown),
        ("two people from two teams", "{ each: ['@acme/dba', '@acme/security'] }", "[carol, bob]", Met),
        ("one person from two teams", "{ each: ['@acme/dba', '@acme/security'] }", "[bob]", Unmet),
        ("two people from one team", "{ each: ['@acme/dba', '@acme/security'] }", "[carol, erin]", Unmet),
        ("the second perhaps", "{ each: ['@acme/dba', '@acme/security'] }", "[carol, dave]", Unknown),
        ("who fits twice is moved", "{ each: ['@acme/security', '@acme/dba'] }", "[bob, carol]", Met),
        ("an approving review", "{}", "[{ by: bob, review: true }]", Met),
        ("an approving review where it does not count", "{ reviews: false }", "[{ by: bob, review: true }]", Unmet),
        ("both ways", "{ reviews: false }", "[{ by: bob, review: true }, bob]", Met),
    ];
    for (case, confirm, confirms, expected) in cases {
        let standard = policy(&format!("confirm: {confirm}"));
        let evaluation = standard.evaluate(&unit(&format!("{PEOPLE}confirms: {confirms}")));
        assert_eq!(evaluation.verdict, *expected, "{case}: {:?}", lines(&evaluation));
    }
}

#[test]
fn owners_of_every_owned_path_must_be_heard() {
    let groups = "owners: [{ owners: ['@bob'], paths: [a] }, { owners: ['@acme/dba', 'x@acme.example'], paths: [b] }]";
    let cases: &[(&str, &str, &str, &str, Verdict)] = &[
        ("one of two", groups, "{ by: codeowners }", "[carol]", Unmet),
        ("both, by two people", groups, "{ by: codeowners }", "[bob, carol]", Met),
        ("both, by one person", groups, "{ by: codeowners }", "[bob]", Met),
        (
            "an address tells nobody",
            "owners: [{ owners: ['x@acme.example'] }]",
            "{ by: codeowners }",
            "[carol]",
            Unknown,
        ),
        ("an owner without write", "owners: [{ owners: ['@dave'] }]", "{ by: codeowners }", "[dave]", Unmet),
        ("nobody owns it", "owners: []", "{ by: codeowners }", "[bob]", Met),
        ("nobody owns it, and a reader", "owners: []", "{ by: codeowners }", "[dave]", Unmet),
        ("not known who owns it", "owners: { unknown: no }", "{ by: codeowners }", "[bob]", Unknown),
        ("not known, but a lead speaks", "owners: { unknown: no }", "{ by: [codeowners, admin] }", "[carol]", Met),
        ("a lead speaks for all", groups, "{ by: [codeowners, '@erin'] }", "[erin]", Met),
        ("owners and a count", groups, "{ by: codeowners, count: 2 }", "[bob]", Unmet),
        ("an owner and a guard", groups, "{ each: [codeowners, admin] }", "[bob, carol]", Met),
    ];
    for (case, owners, confirm, confirms, expected) in cases {
        let standard = policy(&format!("confirm: {confirm}"));
        let evaluation = standard.evaluate(&unit(&format!("{PEOPLE}{owners}\nconfirms: {confirms}")));
        assert_eq!(evaluation.verdict, *expected, "{case}: {:?}", lines(&evaluation));
    }
}

#[test]
fn several_requirements_may_be_met_by_one_person() {
    let standard =
        policy("rules:\n  - name: a\n    require: { confirm: [{ by: ['@acme/dba'] }, { by: ['@acme/security'] }] }");
    let evaluate = |confirms: &str| standard.evaluate(&unit(&format!("{PEOPLE}confirms: {confirms}"))).verdict;
    assert_eq!(evaluate("[bob]"), Met);
    assert_eq!(evaluate("[carol]"), Unmet);
    let met: Vec<bool> = standard
        .evaluate(&unit(&format!("{PEOPLE}confirms: [carol]")))
        .requirements
        .iter()
        .map(|one| one.verdict == Met)
        .collect();
    assert_eq!(met, [true, false, true], "dba and the top confirm are met, security is not");
}

#[test]
fn what_was_not_asked_is_named_and_not_guessed() {
    let standard = policy("confirm: { by: ['@acme/dba', maintain] }");
    let evaluation = standard.evaluate(&unit("confirms: [zoe]"));
    assert_eq!(evaluation.verdict, Unknown);
    let expected = BTreeSet::from([
        PolicyNeed::Right { login: "zoe".to_owned() },
        PolicyNeed::Member { team: "acme/dba".to_owned(), login: "zoe".to_owned() },
    ]);
    assert_eq!(evaluation.needs, expected);
    assert!(standard.evaluate(&unit("")).needs.is_empty(), "nobody spoke: nothing to read");
}

#[test]
fn a_co_author_is_an_author() {
    let standard = policy("");
    assert_eq!(standard.evaluate(&unit(&format!("{PEOPLE}co_authors: [Bob]\nconfirms: [bob]"))).verdict, Unmet);
}

#[test]
fn whether_one_person_may_is_answered_with_a_reason() {
    let standard = policy("confirm: { by: ['@acme/dba'], reviews: false }");
    let facts = unit(PEOPLE);
    let evaluation = standard.evaluate(&facts);
    let Requirement::Confirm(requirement) = &evaluation.requirements[0].requirement else { panic!("a confirm") };
    let cases = [
        ("carol", false, Met, ""),
        ("carol", true, Unmet, "an approving review does not count as a confirm here"),
        ("alice", false, Unmet, "authors and co-authors do not confirm their own change"),
        ("ci[bot]", false, Unmet, "bots do not confirm"),
        ("erin", false, Unmet, "it takes a member of acme/dba"),
        ("zoe", false, Unknown, "whether @zoe is a member of acme/dba could not be read"),
    ];
    for (login, review, verdict, why) in cases {
        let may = may_confirm(requirement, login, review, &facts);
        assert_eq!((may.verdict, may.why.as_str()), (verdict, why), "{login}");
    }
}
