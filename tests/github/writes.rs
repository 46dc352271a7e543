//! Calls, and what the simulated GitHub kept of them.

use flyball::domain::govern::{
    ActionCall, Answer, Call, CheckActionDoc, CheckDoc, CheckStatus, Conclusion, Fact, Fault, MergeMethod, Need,
    Reaction, Written,
};
use flyball::domain::ids::{CommitSha, UnitKey};
use flyball::github::GitHub as _;
use flyball::sim::{Endpoint, Fault as Trouble, Files, Protection};

use crate::World;

fn doc(world: &World, sha: &CommitSha, conclusion: Option<Conclusion>) -> CheckDoc {
    let confirm = |text: &str| CheckActionDoc {
        label: text.to_owned(),
        description: "Land it".to_owned(),
        identifier: text.to_lowercase(),
    };
    CheckDoc {
        sha: sha.clone(),
        external_id: format!("{}:{sha}", world.repo),
        conclusion,
        title: "Title".to_owned(),
        summary: "Summary".to_owned(),
        text: "1:abc".to_owned(),
        details_url: Some("https://flyball.test/units/1".to_owned()),
        actions: vec![confirm("Confirm"), confirm("Refuse"), confirm("Hold")],
    }
}

async fn write(world: &World, call: Call) -> Answer {
    world.client.write(&world.at, &call).await
}

fn merge(pr: UnitKey, sha: &CommitSha) -> Call {
    Call::Action(ActionCall::Merge { number: pr.number, sha: sha.clone(), method: MergeMethod::Squash, words: None })
}

#[tokio::test]
async fn a_check_run_goes_from_progress_to_a_conclusion_and_is_found_again() {
    let world = World::start().await;
    let pr = world.opens("Say 2");
    let head = world.github.pull(pr).head_sha;
    let Answer::Done { written: Written::Check { run, status, conclusion } } =
        write(&world, Call::CreateCheck(doc(&world, &head, None))).await
    else {
        panic!("not created")
    };
    assert_eq!((status, conclusion), (CheckStatus::InProgress, None));
    let answer = write(&world, Call::UpdateCheck { run, doc: doc(&world, &head, Some(Conclusion::Success)) }).await;
    let conclusion = Some(Conclusion::Success);
    assert_eq!(answer, Answer::Done { written: Written::Check { run, status: CheckStatus::Completed, conclusion } });
    assert_eq!(world.lines().len(), 2);
    let Fact::OurChecks(ours) = world.read(Need::OurChecks(head.clone())).await else { panic!("not read") };
    assert_eq!((ours.len(), ours[0].id, ours[0].conclusion), (1, run, conclusion));
    assert_eq!(
        (ours[0].external_id.as_str(), ours[0].title.as_str()),
        (format!("{}:{head}", world.repo).as_str(), "Title")
    );
    assert_eq!(world.snapshot(pr).await.checks, Some(Vec::new()), "our own check is never evidence");
    world.calls();
}

#[tokio::test]
async fn a_comment_is_written_changed_found_and_reacted_to() {
    let world = World::start().await;
    let pr = world.opens("Say 2");
    let body = "<!-- flyball:unit -->\nfirst".to_owned();
    let Answer::Done { written: Written::Comment { id, .. } } =
        write(&world, Call::CreateComment { number: pr.number, body }).await
    else {
        panic!("not created")
    };
    let body = "<!-- flyball:unit -->\nsecond".to_owned();
    let answer = write(&world, Call::UpdateComment { id, body: body.clone() }).await;
    assert!(matches!(answer, Answer::Done { written: Written::Comment { id: same, .. } } if same == id), "{answer:?}");
    world.github.comment(pr, "mallory", "<!-- flyball:unit -->\npasted");
    let Fact::OurComments(ours) = world.read(Need::OurComments(pr.number)).await else { panic!("not read") };
    assert_eq!(ours.iter().map(|one| (one.id, one.body.as_str())).collect::<Vec<_>>(), [(id, body.as_str())]);
    let command = world.github.comment(pr, "bob", "/confirm");
    let react = Call::Action(ActionCall::React { comment: command, reaction: Reaction::Rocket });
    assert_eq!(write(&world, react.clone()).await, Answer::Done { written: Written::Done });
    assert_eq!(write(&world, react).await, Answer::Done { written: Written::Done }, "a repeated reaction is no other");
    assert_eq!(world.github.reactions(world.repo, command).len(), 1);
    assert!(world.github.delete_comment(world.repo, id, "alice"));
    let answer = write(&world, Call::UpdateComment { id, body }).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::Gone, .. }), "{answer:?}");
    world.calls();
}

#[tokio::test]
async fn a_merge_lands_on_the_named_head_only_and_under_the_rules() {
    let world = World::start().await;
    world.github.protect(world.repo, "main", Protection::checks(&["test"]));
    let pr = world.opens("Say 2");
    let old = world.github.pull(pr).head_sha;
    let answer = write(&world, merge(pr, &old)).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::NotAllowed, .. }), "{answer:?}");
    let head = world.github.push(pr, Files::new().with("a.txt", "one\n22\nthree\n"));
    world.github.check(pr, "test", "ci-app", Some("success"));
    let answer = write(&world, merge(pr, &old)).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::HeadMoved, .. }), "{answer:?}");
    let answer = write(&world, merge(pr, &head)).await;
    assert!(matches!(answer, Answer::Done { written: Written::Merged { sha: Some(_) } }), "{answer:?}");
    assert!(world.github.is_merged(pr));
    world.calls();
}

#[tokio::test]
async fn a_branch_is_updated_on_the_named_head_only() {
    let world = World::start().await;
    let pr = world.opens("Say 2");
    let head = world.github.pull(pr).head_sha;
    let update =
        |sha: &CommitSha| Call::Action(ActionCall::UpdateBranch { number: pr.number, expected_head: sha.clone() });
    let answer = write(&world, update(&head)).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::Invalid, .. }), "nothing to do: {answer:?}");
    let other = world.github.commit(world.repo, "main", "bob", Files::new().with("z.txt", "z\n"));
    let answer = write(&world, update(&other)).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::HeadMoved, .. }), "{answer:?}");
    assert_eq!(write(&world, update(&head)).await, Answer::Done { written: Written::Done });
    world.calls();
}

#[tokio::test]
async fn a_review_is_asked_of_one_person() {
    let world = World::start().await;
    let pr = world.opens("Say 2");
    let ask = |login: &str| Call::Action(ActionCall::RequestReview { number: pr.number, login: login.to_owned() });
    assert_eq!(write(&world, ask("carol")).await, Answer::Done { written: Written::Done });
    assert_eq!(world.snapshot(pr).await.review_requests, ["carol"]);
    let answer = write(&world, ask("alice")).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::Invalid, .. }), "the author: {answer:?}");
    world.calls();
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_unknown_and_happened_once() {
    for trouble in [Trouble::CutAfter, Trouble::StatusAfter(502), Trouble::CutBefore, Trouble::Garbage] {
        let world = World::start().await;
        let pr = world.opens("Say 2");
        world.snapshot(pr).await;
        world.github.fails_next(Endpoint::CreateComment, trouble.clone());
        let body = "<!-- flyball:unit -->".to_owned();
        let answer = write(&world, Call::CreateComment { number: pr.number, body }).await;
        assert!(matches!(answer, Answer::Unknown { .. }), "{trouble:?}: {answer:?}");
        let happened = matches!(trouble, Trouble::CutAfter | Trouble::StatusAfter(_));
        assert_eq!(world.github.comments(pr).len(), usize::from(happened), "{trouble:?}");
    }
}
