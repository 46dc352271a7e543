//! Briefs for tests: a unit with nothing in its way, and what a row changes of it.

use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{
    Brief, Condition, Conflict, DecisionView, DependencyView, EvidenceView, NextMove, Reason, ReasonCode, Standing,
    SuggestionKind, SuggestionView, Verdict,
};

/// What strangers may write where they can: the list that the tests of pages have too.
pub(crate) fn hostile() -> Vec<String> {
    serde_json::from_str(include_str!("../../fixtures/hostile.json")).unwrap()
}

/// The head of every brief that says nothing else.
pub(crate) fn head() -> CommitSha {
    "1a2b3c4d5e6f70819203a4b5c6d7e8f901234567".parse().unwrap()
}

/// Text with the invisible breaks made visible, for snapshots.
pub(crate) fn visible(text: &str) -> String {
    text.replace('\u{200b}', "[break]")
}

/// A fixed time.
pub(crate) fn noon() -> Timestamp {
    "2026-03-04T12:00:00Z".parse().unwrap()
}

/// A unit that is gathering nothing and blocked by nothing.
pub(crate) fn brief(number: u64) -> Brief {
    Brief {
        repo: "acme/widgets".into(),
        number: PrNumber(number),
        title: "Add a retry to the client".into(),
        intent: "Transient failures of the upstream reach users.".into(),
        author: Some("alice".into()),
        author_kind: "human".into(),
        base: "main".into(),
        head: head(),
        standing: Standing::Cleared,
        since: noon(),
        reverts: None,
        after_landing: Vec::new(),
        reasons: vec![],
        suggestion: None,
        next_move: None,
        depends_on: vec![],
        dependents: vec![],
        backport_of: None,
        conditions: vec![Condition {
            what: "`test` passes on 1a2b3c4".into(),
            verdict: Verdict::Met,
            seen: "passing".into(),
            source: "branch protection".into(),
        }],
        conflicts: vec![],
        integration: vec!["technical".into()],
        changed: vec![],
        would_break: vec![],
        next: "It lands on confirm.".into(),
        evidence: vec![evidence("test", "passing")],
        decisions: vec![],
        uncertain: vec![],
        granted: false,
        landed_as: None,
        observe: false,
        policy_changes: Vec::new(),
        lessons: Vec::new(),
        lesson: None,
        policy: "defaults@0123456789abcdef".into(),
        anchor: format!("4:{}", "ab".repeat(32)),
    }
}

pub(crate) fn evidence(name: &str, state: &str) -> EvidenceView {
    EvidenceView { name: name.into(), state: state.into(), required: true, sha: head(), url: None, note: None }
}

pub(crate) fn dependency(unit: &str, state: &str) -> DependencyView {
    DependencyView { unit: unit.into(), why: "declared in the description".into(), state: state.into() }
}

pub(crate) fn conflict(with: u64, kind: &str) -> Conflict {
    Conflict {
        with: Some(PrNumber(with)),
        kind: kind.into(),
        paths: vec!["src/client.rs".into()],
        why: "Both change lines 10 to 14 of `src/client.rs`.".into(),
        enforced: true,
    }
}

pub(crate) fn decision(kind: &str, by: &str, reason: Option<&str>) -> DecisionView {
    DecisionView {
        kind: kind.into(),
        by: by.into(),
        at: noon(),
        sha: head(),
        reason: reason.map(Into::into),
        counts: "counts".into(),
        source: "comment".into(),
    }
}

pub(crate) fn merge() -> SuggestionView {
    SuggestionView {
        action: SuggestionKind::Merge,
        detail: "squash".into(),
        reason: "All required evidence passes and nothing related is ahead.".into(),
        effect: "Lands as one commit on `main`.".into(),
        undo: "`/revert <reason>` opens a pull request that takes it back.".into(),
        fingerprint: "f00d".into(),
        who: vec!["anyone with write access other than the author".into()],
        confirmable: true,
    }
}

/// What a row changes.
pub(crate) trait With: Sized {
    fn stands(self, standing: Standing) -> Self;
    fn because(self, code: ReasonCode, text: &str, needs_person: bool) -> Self;
    fn suggests(self, suggestion: SuggestionView) -> Self;
    fn moves(self, who: &str, what: &str) -> Self;
}

impl With for Brief {
    fn stands(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }

    fn because(mut self, code: ReasonCode, text: &str, needs_person: bool) -> Self {
        self.reasons.push(Reason { code, text: text.into(), needs_person });
        self
    }

    fn suggests(mut self, suggestion: SuggestionView) -> Self {
        self.suggestion = Some(suggestion);
        self
    }

    fn moves(mut self, who: &str, what: &str) -> Self {
        let answers = what.contains("/confirm");
        self.next_move = Some(NextMove { who: who.into(), what: what.into(), answers, since: noon(), due: None });
        self
    }
}

/// A unit that waits for judgment.
pub(crate) fn awaiting(number: u64) -> Brief {
    brief(number)
        .stands(Standing::AwaitingJudgment)
        .because(ReasonCode::WaitsConfirm, "One confirm by somebody with write access is needed.", true)
        .suggests(merge())
        .moves("carol", "answer with `/confirm` or `/refuse <reason>`")
}

/// One unit for each reason code, stated as the governor would.
pub(crate) fn for_reason(code: ReasonCode) -> Brief {
    use ReasonCode as R;
    let of = |standing, text: &str, person| brief(14).stands(standing).because(code, text, person);
    let after = |kind: &str| {
        let mut unit = of(Standing::Blocked, "#12 lands first: it was ready earlier.", false);
        unit.conflicts = vec![conflict(12, kind)];
        unit
    };
    let depends = |standing, text: &str, state: &str, person| {
        let mut unit = of(standing, text, person).moves("alice", "update the dependency");
        unit.depends_on = vec![dependency("#12", state)];
        unit
    };
    let evidenced = |standing, text: &str, state: &str, person| {
        let mut unit = of(standing, text, person).moves("alice", "look at `test` and push a fix");
        unit.evidence = vec![evidence("test", state), evidence("lint", "passing")];
        unit
    };
    let decided = |kind: &str, text: &str| {
        let mut unit = of(Standing::Blocked, text, true).moves("carol", "lift it with `/lift`");
        unit.decisions = vec![decision(kind, "carol", Some("it is superseded"))];
        unit
    };
    match code {
        R::Draft => of(Standing::Draft, "The pull request is a draft.", false),
        R::WaitsEvidence => evidenced(Standing::Gathering, "`test` has not finished.", "pending", false),
        R::WaitsEvidenceStale => evidenced(Standing::Gathering, "#9 landed since `test` ran.", "stale", false),
        R::WaitsConfirm => awaiting(14),
        R::WaitsReview => {
            of(Standing::AwaitingJudgment, "A code owner's review is required.", true).moves("dave", "review it")
        }
        R::WaitsDependency => depends(Standing::Blocked, "It needs #12 to land first.", "open", false),
        R::WaitsOrder => {
            let mut unit = of(Standing::Cleared, "#12 lands first: it was ready earlier.", false);
            unit.conflicts = vec![conflict(12, "textual")];
            unit
        }
        R::WaitsQueue => of(Standing::Landing, "GitHub's merge queue has it.", false),
        R::WaitsAutoMerge => {
            of(Standing::Landing, "GitHub's auto-merge is on: GitHub lands it as soon as its own rules hold.", false)
        }
        R::WaitsGithub => of(Standing::Gathering, "GitHub is still working out whether it merges.", false),
        R::WaitsRateLimit => of(Standing::Gathering, "GitHub's rate limit is used up.", false),
        R::BlockedEvidence => evidenced(Standing::Blocked, "`test` fails on 1a2b3c4.", "failing", true),
        R::BlockedConflictBase => {
            of(Standing::Blocked, "It conflicts with `main`.", true).moves("alice", "rebase it onto `main`")
        }
        R::BlockedCollisionTextual => after("textual"),
        R::BlockedCollisionPackage => after("package"),
        R::BlockedCollisionLockfile => after("lockfile"),
        R::BlockedCollisionSequence => after("sequence"),
        R::BlockedCollisionSymbol => after("symbol"),
        R::BlockedCollisionComponent => after("component"),
        R::BlockedDependencyClosed => depends(Standing::Blocked, "#12 was closed without landing.", "closed", true),
        R::BlockedDependencyCycle => depends(Standing::Blocked, "#14 needs #12, which needs #14.", "open", true),
        R::BlockedDependencyUnreadable => depends(Standing::Blocked, "#12 cannot be read.", "unknown", true),
        R::BlockedBaseUngoverned => of(Standing::Blocked, "`main` is neither the default branch nor protected.", false),
        R::BlockedPolicyInvalid => of(Standing::Blocked, "The policy file has an error in line 3, column 7.", true)
            .moves("alice", "correct it"),
        R::BlockedHold => decided("hold", "carol holds it: it is superseded"),
        R::Refused => decided("refuse", "carol refused it: it is superseded"),
        R::LandedBaseRed => landed_since(of(
            Standing::Landed,
            "`test` fails on `main` from 1a2b3c4 on. Nothing else landed since `test` passed on 5d6e7f8.",
            true,
        )),
        R::LandedOtherwise => landed_since(of(
            Standing::Landed,
            "What landed as 1a2b3c4 is not what was proposed: other lines were added or removed.",
            true,
        )),
        R::UnknownFootprint => of(Standing::Blocked, "It changes more files than GitHub lists.", false),
    }
}

/// One that landed and is asked about.
fn landed_since(unit: Brief) -> Brief {
    let mut unit =
        unit.moves("alice", "`/confirm` opens the revert, `/refuse <reason>` says that the cause is another");
    unit.suggestion = Some(SuggestionView {
        action: SuggestionKind::Revert,
        detail: "main".into(),
        reason: "It gives time to find the cause.".into(),
        effect: "Opens a pull request that takes #14 back; it is judged like any other.".into(),
        undo: "Close that pull request.".into(),
        fingerprint: "0123456789ab".into(),
        who: vec!["anyone with write access".into()],
        confirmable: true,
    });
    unit
}
