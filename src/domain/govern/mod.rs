//! Puts unit, policy and integration together: (state, event, facts, policy, now) → (changes, what is owed to GitHub).
//!
//! The runtime calls four functions, in this order, for each thing that happens to a repository:
//! 1. `needs` names what must be read from GitHub before the event can be judged, until nothing more is missing (at most four rounds);
//! 2. `advance` applies the event and the facts to the repository's `State` and judges every unit they touch;
//! 3. the returned [`Changes`] are committed in one atomic step;
//! 4. for what is owed and due, `begin` decides again whether the call is still right and gives it; its answer comes back as an event.
//!
//! Where to look:
//! - what is known of a repository: `state`, its record in `repo`, how both are stored in `fields`;
//! - what comes in: `event`, with what payloads show in `seen`; what is read: `needs` asks, `facts` answers, with `snapshot`, `protection`
//!   and `right`;
//! - how it is taken in: `advance`, then `observe` for facts, `spoken` for words, `answered` for answers of GitHub, `landing` for ends;
//! - what was said and not heard: `hearing` reads it, `doubt` keeps it while a right is not known, `unheard` while the pull request is not;
//! - what words do: `command` (what was written), `may` (who may), `decide` (what it does), `voids` (what takes it back);
//! - how a unit is judged: `judge`, with `grant` and `precedence` for the order, `voices` for who counts; `brief` tells it;
//! - what follows: `settle` begins it, `want` says what GitHub should have, `wake` sets the timers, `owed` lists the calls, `send` gives them.

mod advance;
mod aftermath;
mod answered;
mod attributes;
mod auto_merge;
mod backport;
mod brief;
mod changes;
mod command;
mod content;
mod context;
mod course;
mod decide;
mod depends;
mod doubt;
mod elsewhere;
mod escalate;
mod event;
mod facts;
mod fields;
mod grant;
mod hearing;
mod judge;
mod label;
mod landing;
mod learning;
mod may;
mod memo;
mod merges;
mod needs;
mod next;
mod observe;
mod ours;
mod owed;
mod paged;
mod plan;
mod plan_view;
mod precedence;
mod preflight;
mod propose;
mod protection;
mod queue;
mod relations;
mod repo;
mod right;
mod ripple;
mod seen;
mod send;
mod settle;
mod snapshot;
mod spoken;
mod standard;
mod state;
mod suggest;
mod survey;
#[cfg(test)]
mod tests;
mod unheard;
mod update;
mod voices;
mod voids;
mod wake;
mod want;

pub use advance::advance;
pub use aftermath::{Failure, LandedUnit, Raised, Suspect, Tested, Trunk, TrunkCommit};
pub use brief::{brief, brief_of, conclusion, may_land};
pub use changes::{Changes, FieldWrite, Space, Tell, TraceLine, Wake};
pub use command::{Command, commands, may_command};
pub use content::content_digest;
pub use context::{AppIdentity, Context, Words};
pub use event::{Actor, ActorKind, Awaiting, Delivered, Event, PageSaid, RepoSeen, said_key};
pub use facts::{
    Elsewhere, Fact, Facts, FileSeen, MergeSeen, Need, OpenPull, OurCheck, OurComment, PolicySeen, QueueSeen, Unknown,
};
pub use judge::CHECK_NAME;
pub use needs::needs;
pub use owed::{
    ActionCall, Answer, Call, CallClass, CheckActionDoc, CheckDoc, CheckStatus, Conclusion, Fault, MergeWords, OwedKey,
    Reaction, Written,
};
pub use plan::plan;
pub use plan_view::{PlanCollision, PlanDependency, PlanGroup, PlanPosition, PlanView};
pub use preflight::{Foreseen, ForeseenCollision, ForeseenGroup, Preflight, PreflightError, preflight};
pub use propose::{NewFile, PolicyEdit, Proposal, ProposalStep};
pub use protection::{BaseRules, RequiredCheck};
pub use queue::{Group, GroupView};
pub use relations::Relations;
pub use repo::{AttributesRead, Compared, Early, Landing, Repo, RulesRead};
pub use right::{Permission, Right};
pub use seen::{
    Button, CheckSeen, CommentSeen, MergeGroupAction, PullAction, PullSeen, PullState, ReviewAction, ReviewSeen,
    ReviewState, Seen,
};
pub use send::{Begin, STICKY_MARKER, begin, begin_needs, class};
pub use snapshot::{AutoMergeSeen, MergeMethod, Mergeable, Snapshot};
pub use standard::PolicyKept;
pub use state::State;
pub use survey::Survey;
pub use unheard::Unheard;
