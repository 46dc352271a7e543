//! Puts unit, policy and integration together: (state, event, facts, policy, now) → (changes, what is owed to GitHub).
//!
//! The runtime calls four functions, in this order, for each thing that happens to a repository:
//! 1. `needs` names what must be read from GitHub before the event can be judged, until nothing more is missing (at most four rounds);
//! 2. `advance` applies the event and the facts to the repository's `State` and judges every unit they touch;
//! 3. the returned [`Changes`] are committed in one atomic step;
//! 4. for what is owed and due, `begin` decides again whether the call is still right and gives it; its answer comes back as an event.
//!
//! Where to look, a folder for each subject; at the top only the four functions and what all share (`context`, `settle`):
//! - `seen`: what comes in (`event`, with what payloads show) and what was read (`facts`, with `snapshot`, `protection` and `right`);
//! - `state`: what is known of a repository, its record in `repo`, how both are stored in `fields`, who needs whom in `depends` and
//!   `relations`, and what one judgment changed;
//! - `observe`: how facts are taken in: pull requests, files, checks, landings, what else goes on in the repository and beside it;
//! - `said`: what people say. `hearing` reads it, `doubt` keeps it while a right is not known, `unheard` while the pull request is not;
//!   then `command` (what was written), `may` (who may), `decide` (what it does), `voids` (what takes it back), `voices` (who counts);
//! - `standard`: the policy in force, what is learnt, and what is proposed to it;
//! - `judge`: how a unit stands and why, with `grant` and `precedence` for the order;
//! - `views`: what is told of it: `brief`, `suggest`, `plan`, `preflight`;
//! - `owed`: what follows: `want` says what GitHub should have, `wake` sets the timers, the calls, and their `answered`;
//! - `send`: each call judged once more as it goes out; `aftermath`: what happens after landing.

mod advance;
mod aftermath;
mod context;
mod judge;
mod needs;
mod observe;
mod owed;
mod said;
mod seen;
mod send;
mod settle;
mod standard;
mod state;
#[cfg(test)]
mod tests;
mod views;

pub use advance::advance;
pub use aftermath::{Failure, LandedUnit, Raised, Suspect, Tested, Trunk, TrunkCommit};
pub use context::{AppIdentity, Context, Words};
pub use judge::CHECK_NAME;
pub use needs::needs;
pub use observe::content::content_digest;
pub use observe::survey::Survey;
pub use owed::queue::{Group, GroupView};
pub use owed::{
    ActionCall, Answer, Call, CallClass, CheckActionDoc, CheckDoc, CheckStatus, Conclusion, Fault, MergeWords, OwedKey,
    Reaction, Written,
};
pub use said::command::{Command, commands, may_command};
pub use said::unheard::Unheard;
pub use seen::event::{Actor, ActorKind, Awaiting, Delivered, Event, PageSaid, RepoSeen, said_key};
pub use seen::facts::{
    Elsewhere, Fact, Facts, FileSeen, MergeSeen, Need, OpenPull, OurCheck, OurComment, PolicySeen, QueueSeen, Unknown,
};
pub use seen::protection::{BaseRules, RequiredCheck};
pub use seen::right::{Permission, Right};
pub use seen::snapshot::{AutoMergeSeen, MergeMethod, Mergeable, Snapshot};
pub use seen::{
    Button, CheckSeen, CommentSeen, MergeGroupAction, PullAction, PullSeen, PullState, ReviewAction, ReviewSeen,
    ReviewState, Seen,
};
pub use send::{Begin, STICKY_MARKER, begin, begin_needs, class};
pub use standard::PolicyKept;
pub use standard::propose::{NewFile, PolicyEdit, Proposal, ProposalStep};
pub use state::State;
pub use state::changes::{Changes, FieldWrite, Space, Tell, TraceLine, Wake};
pub use state::relations::Relations;
pub use state::repo::{AttributesRead, Compared, Early, Landing, Repo, RulesRead};
pub use views::brief::{brief, brief_of, conclusion, may_land};
pub use views::plan::plan;
pub use views::plan_view::{PlanCollision, PlanDependency, PlanGroup, PlanPosition, PlanView};
pub use views::preflight::{Foreseen, ForeseenCollision, ForeseenGroup, Preflight, PreflightError, preflight};
