//! Puts unit, policy and integration together: (state, event, facts, policy, now) → (changes, what is owed to GitHub).
//!
//! The runtime calls four functions, in this order, for each thing that happens to a repository:
//! 1. `needs` names what must be read from GitHub before the event can be judged, until nothing more is missing (at most four rounds);
//! 2. `advance` applies the event and the facts to the repository's `State` and judges every unit they touch;
//! 3. the returned [`Changes`] are committed in one atomic step;
//! 4. for what is owed and due, `begin` decides again whether the call is still right and gives it; its answer comes back as an event.

mod changes;
mod command;
mod event;
mod facts;
mod owed;
mod plan_view;
mod state;

pub use changes::{Changes, TraceLine, Wake};
pub use command::{Command, commands, may_command};
pub use event::{
    Actor, ActorKind, Button, CheckSeen, CommentSeen, Delivered, Event, MergeGroupAction, PullAction, PullSeen,
    PullState, RepoSeen, ReviewAction, ReviewSeen, ReviewState, Seen,
};
pub use facts::{
    BaseRules, Fact, Facts, FileSeen, MergeMethod, Mergeable, Need, OurCheck, OurComment, Permission, RequiredCheck,
    Right, Snapshot, Unknown,
};
pub use owed::{
    ActionCall, Answer, Call, CallClass, CheckActionDoc, CheckDoc, CheckStatus, Conclusion, Fault, OwedKey, Reaction,
    Written,
};
pub use plan_view::{PlanCollision, PlanDependency, PlanGroup, PlanPosition, PlanView};
pub use state::{AppIdentity, Begin, Context, FieldWrite, Space, State, advance, begin, begin_needs, class, needs};
