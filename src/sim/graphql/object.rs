//! The bridge between the executor, which asks for fields, and the state, which has them.

use std::cell::RefCell;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::Value;

use super::kind::{Field, Got, Kind};
use super::{checks, commit, mutation, pull, queue, root, talk};
use crate::sim::state::State;

/// One object of the graph while a request is answered.
pub(super) struct Object<'w> {
    world: &'w RefCell<&'w mut State>,
    kind: Kind,
}

impl<'w> Object<'w> {
    pub(super) fn new(world: &'w RefCell<&'w mut State>, kind: Kind) -> Self {
        Self { world, kind }
    }
}

impl ObjectValue for Object<'_> {
    fn type_name(&self) -> &str {
        self.kind.type_name()
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let arguments = serde_json::to_value(info.arguments()).unwrap_or_default();
        let found = field(&mut self.world.borrow_mut(), &self.kind, info.field_name(), &arguments);
        match found {
            Err(message) => Err(FieldError { message }),
            Ok(None) => Err(self.unknown_field_error(info)),
            Ok(Some(Got::Leaf(value))) => Ok(ResolvedValue::leaf(value)),
            Ok(Some(Got::One(kind))) => Ok(ResolvedValue::object(Self::new(self.world, *kind))),
            Ok(Some(Got::Many(kinds))) => Ok(ResolvedValue::list(
                kinds.into_iter().map(|kind| ResolvedValue::object(Object::new(self.world, kind))),
            )),
        }
    }
}

fn field(state: &mut State, kind: &Kind, name: &str, args: &Value) -> Field {
    match kind {
        Kind::Query(caller) => root::query(state, *caller, name, args),
        Kind::Mutation(caller) => mutation::run(state, *caller, name, &args["input"]),
        Kind::Repo(id) => root::repo(state, *id, name, args),
        Kind::Ref(repo, branch) => root::branch(state, *repo, branch, name),
        Kind::App(id) => root::app(state, *id, name),
        Kind::Actor(login, _) => root::actor(state, login, name),
        Kind::Pull(repo, number) => pull::field(state, *repo, *number, name, args),
        Kind::AutoMerge(repo, number) => pull::auto_merge(state, *repo, *number, name),
        Kind::PullCommit(repo, number, sha) => pull::commit(state, *repo, *number, sha, name),
        Kind::File(repo, number, at) => pull::file(state, *repo, *number, *at, name),
        Kind::Label(repo, label) => talk::label(state, *repo, label, name),
        Kind::Review(repo, number, id) => talk::review(state, *repo, *number, *id, name),
        Kind::ReviewRequest(repo, number, who) => talk::review_request(state, *repo, *number, who, name),
        Kind::Comment(repo, id) => talk::comment(state, *repo, *id, name),
        Kind::Commit(repo, sha) => commit::field(state, *repo, sha, name, args),
        Kind::Status(repo, sha) => commit::status(state, *repo, sha, name, args),
        Kind::StatusContext(repo, sha, id) => commit::context(state, *repo, sha, *id, name, args),
        Kind::Rollup(repo, sha) => commit::rollup(state, *repo, sha, name, args),
        Kind::Suite(repo, id) => checks::suite(state, *repo, *id, name, args),
        Kind::Run(repo, id) => checks::run(state, *repo, *id, name, args),
        Kind::Queue(repo, base) => queue::queue(state, *repo, base, name, args),
        Kind::QueueEntry(repo, base, number) => queue::entry(state, *repo, base, *number, name),
        Kind::Plain(_, fields) => Ok(fields.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())),
    }
}
