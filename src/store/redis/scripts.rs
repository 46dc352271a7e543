//! The scripts, each one atomic step, and how to call them.
//!
//! Lua by EVALSHA rather than Functions: both are atomic and cost the same per call, but a script needs no administration (a function
//! library has to be loaded on every primary, replaced at each upgrade and agreed on by replicas of two releases), and EVAL with the
//! text repairs a server that forgot it in the same round trip.

use std::sync::LazyLock;

use redis::Cmd;

pub(super) static ACCEPT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/accept.lua")));
pub(super) static LEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/lease.lua")));
pub(super) static RELEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/release.lua")));
pub(super) static CREW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/crew.lua")));
pub(super) static COMMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/commit.lua")));
pub(super) static REDRIVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/redrive.lua")));
pub(super) static DUE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/due.lua")));

/// A script's text and the digest that Redis knows it by.
pub(super) struct Script {
    text: &'static str,
    digest: String,
}

impl Script {
    fn new(text: &'static str) -> Self {
        Self { text, digest: redis::Script::new(text).get_hash().to_owned() }
    }

    pub(super) fn by_digest(&self, keys: &[Vec<u8>], args: &[&[u8]]) -> Cmd {
        command("EVALSHA", &self.digest, keys, args)
    }

    pub(super) fn by_text(&self, keys: &[Vec<u8>], args: &[&[u8]]) -> Cmd {
        command("EVAL", self.text, keys, args)
    }
}

fn command(name: &str, script: &str, keys: &[Vec<u8>], args: &[&[u8]]) -> Cmd {
    let bytes = keys.iter().map(Vec::len).chain(args.iter().map(|arg| arg.len())).sum::<usize>();
    let mut command = Cmd::with_capacity(3 + keys.len() + args.len(), bytes + script.len() + 16);
    command.arg(name).arg(script).arg(keys.len()).arg(keys).arg(args);
    command
}
