//! What a GraphQL object stands for: a few ids, so that the state is only touched while a field is read.

use serde_json::Value;

use crate::sim::git::Sha;
use crate::sim::http::Caller;
use crate::sim::state::State;

/// An object of the graph.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Query(Caller),
    Mutation(Caller),
    Repo(u64),
    Ref(u64, String),
    Pull(u64, u64),
    AutoMerge(u64, u64),
    PullCommit(u64, u64, Sha),
    File(u64, u64, usize),
    Review(u64, u64, u64),
    ReviewRequest(u64, u64, String),
    Comment(u64, u64),
    Label(u64, String),
    Commit(u64, Sha),
    Status(u64, Sha),
    StatusContext(u64, Sha, u64),
    Rollup(u64, Sha),
    Suite(u64, u64),
    Run(u64, u64),
    App(u64),
    /// Login and type name.
    Actor(String, &'static str),
    Queue(u64, String),
    QueueEntry(u64, String, u64),
    /// Fields that are known already: pages, edges, counts, payloads.
    Plain(&'static str, Vec<(&'static str, Got)>),
}

/// A field's value.
#[derive(Debug, Clone)]
pub(super) enum Got {
    Leaf(Value),
    One(Box<Kind>),
    Many(Vec<Kind>),
}

impl Got {
    pub(super) fn one(kind: Kind) -> Self {
        Self::One(Box::new(kind))
    }

    pub(super) fn maybe(kind: Option<Kind>) -> Self {
        kind.map_or(Self::Leaf(Value::Null), Self::one)
    }

    pub(super) fn leaf(value: impl Into<Value>) -> Self {
        Self::Leaf(value.into())
    }

    /// A word of the API as an enum value.
    pub(super) fn word(word: &str) -> Self {
        Self::leaf(word.to_uppercase())
    }
}

/// A field's value, an error's words, or `None` for a field that is not simulated.
pub(super) type Field = Result<Option<Got>, String>;

/// Wraps what a `match` on the field's name found.
pub(super) fn got(value: Got) -> Field {
    Ok(Some(value))
}

impl Kind {
    /// The account of a login.
    pub(super) fn actor(state: &State, login: &str) -> Self {
        let kind = state.user(login).map_or("User", |user| user.kind.as_str());
        Self::Actor(login.into(), kind)
    }

    /// The name of its type in the schema.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Query(_) => "Query",
            Self::Mutation(_) => "Mutation",
            Self::Repo(_) => "Repository",
            Self::Ref(..) => "Ref",
            Self::Pull(..) => "PullRequest",
            Self::AutoMerge(..) => "AutoMergeRequest",
            Self::PullCommit(..) => "PullRequestCommit",
            Self::File(..) => "PullRequestChangedFile",
            Self::Review(..) => "PullRequestReview",
            Self::ReviewRequest(..) => "ReviewRequest",
            Self::Comment(..) => "IssueComment",
            Self::Label(..) => "Label",
            Self::Commit(..) => "Commit",
            Self::Status(..) => "Status",
            Self::StatusContext(..) => "StatusContext",
            Self::Rollup(..) => "StatusCheckRollup",
            Self::Suite(..) => "CheckSuite",
            Self::Run(..) => "CheckRun",
            Self::App(_) => "App",
            Self::Queue(..) => "MergeQueue",
            Self::QueueEntry(..) => "MergeQueueEntry",
            Self::Actor(_, name) | Self::Plain(name, _) => name,
        }
    }

    /// The object that a node id names (FACTS Q3: opaque to callers, known here).
    pub(super) fn from_node_id(state: &State, id: &str) -> Option<Self> {
        let (kind, rest) = id.split_once("_kwSim")?;
        let mut numbers = rest.split(':').map(str::parse::<u64>);
        let first = numbers.next()?.ok()?;
        if kind == "R" {
            return state.repos.contains_key(&first).then_some(Self::Repo(first));
        }
        let repo = state.repos.get(&first)?;
        if kind == "C" {
            let sha = rest.split_once(':')?.1;
            return state.objects.get(sha).map(|commit| Self::Commit(first, commit.sha.clone()));
        }
        let second = numbers.next()?.ok()?;
        match kind {
            "PR" => repo.pulls.contains_key(&second).then_some(Self::Pull(first, second)),
            "IC" => repo.comments.contains_key(&second).then_some(Self::Comment(first, second)),
            "CR" => repo.runs.contains_key(&second).then_some(Self::Run(first, second)),
            "CS" => repo.suites.contains_key(&second).then_some(Self::Suite(first, second)),
            "MQE" => {
                let found = repo.queues.iter().find(|(_, queue)| queue.iter().any(|entry| entry.number == second));
                found.map(|(base, _)| Self::QueueEntry(first, base.clone(), second))
            }
            "PRR" => {
                let pull = repo.pulls.values().find(|pull| pull.reviews.iter().any(|review| review.id == second))?;
                Some(Self::Review(first, pull.number, second))
            }
            _ => None,
        }
    }
}
