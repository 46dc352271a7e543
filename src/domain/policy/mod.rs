//! The standard a unit is judged against: the policy file, how it is put in force, and what it says about a unit.
//!
//! ```text
//! text ──file::parse──▶ PolicyFile + errors ──Standard::compile──▶ Standard ──evaluate(UnitFacts)──▶ Evaluation (the tree)
//! ```
//!
//! Without a policy file the defaults below are in force, so that a fresh install is useful in a minute: the required checks of the base
//! branch as evidence, one confirm by somebody with write access who is not the author, order enforced for textual collisions.

pub mod agents;
pub mod codeowners;
pub mod escalate;
mod evaluate;
pub mod examples;
mod expr;
pub mod facts;
pub mod file;
mod gather;
mod globs;
mod in_force;
pub mod lessons;
mod load;
mod outcome;
mod people;
mod predicates;
pub mod record;
mod requirements;
mod schema;
mod standard;
#[cfg(test)]
mod tests;
mod yaml;

pub use evaluate::NEVER_AUTO;
pub use expr::{BUDGET, Expr};
pub use gather::{Surroundings, facts as facts_of};
pub use in_force::{ConfirmPolicy, OrderPolicy, Policy};
pub use load::{Around, Finding, Level, Loaded, load};
pub use outcome::{
    AutonomyOutcome, ConfirmRequirement, Evaluation, Identity, Origin, PolicyNeed, PredicateOutcome, Requirement,
    RequirementOutcome, RuleOutcome, Verdict,
};
pub use people::{May, may_confirm, who_words};
pub use schema::schema;
pub use standard::{CompileError, Settings, Standard};
pub use yaml::{Located, MAX_BYTES, Position};

/// The file's place in a repository.
pub const PATH: &str = ".github/flyball.yml";
