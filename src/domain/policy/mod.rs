//! The standard a unit is judged against: the policy file, how it is put in force, and what it says about a unit.
//!
//! ```text
//! text ──file::parse──▶ PolicyFile + errors ──Standard::compile──▶ Standard ──evaluate(UnitFacts)──▶ Evaluation (the tree)
//! ```
//!
//! Without a policy file the defaults below are in force, so that a fresh install is useful in a minute: the required checks of the base
//! branch as evidence, one confirm by somebody with write access who is not the author, order enforced for textual collisions.

pub mod codeowners;
mod evaluate;
mod expr;
pub mod facts;
pub mod file;
mod globs;
mod in_force;
mod outcome;
mod people;
mod predicates;
mod requirements;
mod standard;
mod yaml;

pub use evaluate::NEVER_AUTO;
pub use expr::{BUDGET, Expr};
pub use in_force::{ConfirmPolicy, OrderPolicy, Policy};
pub use outcome::{
    AutonomyOutcome, ConfirmRequirement, Evaluation, Identity, Origin, PolicyNeed, PredicateOutcome, Requirement,
    RequirementOutcome, RuleOutcome, Verdict,
};
pub use people::{May, may_confirm, who_words};
pub use standard::{CompileError, Settings, Standard};
pub use yaml::{Located, MAX_BYTES, Position};

/// The file's place in a repository.
pub const PATH: &str = ".github/flyball.yml";
