//! Repositories made to order, and `flyball plan` run on them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A commit in the making.
#[derive(Default)]
pub(crate) struct Commit {
    parents: Vec<String>,
    message: String,
    edits: Vec<u8>,
}

/// A commit on top of these branches; none: a root.
pub(crate) fn on(parents: &[&str]) -> Commit {
    Commit { parents: parents.iter().map(|parent| (*parent).to_owned()).collect(), ..Commit::default() }
}

impl Commit {
    pub(crate) fn says(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message);
        self
    }

    pub(crate) fn writes(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.entry("100644", path.as_ref(), content.as_ref())
    }

    pub(crate) fn removes(mut self, path: &str) -> Self {
        self.edits.extend(b"D ");
        self.edits.extend(quoted(path.as_bytes()).bytes());
        self.edits.push(b'\n');
        self
    }

    fn entry(mut self, mode: &str, path: &[u8], content: &[u8]) -> Self {
        self.edits.extend(format!("M {mode} inline {}\ndata {}\n", quoted(path), content.len()).bytes());
        self.edits.extend(content);
        self.edits.push(b'\n');
        self
    }
}

/// A path as `git fast-import` takes it, whatever bytes are in it.
fn quoted(path: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in path {
        write!(text, "\\{byte:03o}").expect("a string takes text");
    }
    text + "\""
}

/// A repository in a folder of its own.
pub(crate) struct Repository {
    folder: TempDir,
    stream: Vec<u8>,
    commits: usize,
    tips: BTreeMap<String, usize>,
}

impl Repository {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        git(folder.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "."]);
        Self { folder, stream: Vec::new(), commits: 0, tips: BTreeMap::new() }
    }

    /// One whose `main` holds these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let commit = files.iter().fold(on(&[]), |commit, (path, content)| commit.writes(path, content));
        Self::new().branch("main", commit)
    }

    /// Puts a commit on a branch; it is made when [`Self::made`] is called.
    pub(crate) fn branch(mut self, name: &str, commit: Commit) -> Self {
        let Commit { parents, message, edits } = commit;
        self.commits += 1;
        let head = format!(
            "commit refs/heads/{name}\nmark :{}\ncommitter T <t@example.com> 1700000000 +0000\ndata {}\n{message}\n",
            self.commits,
            message.len()
        );
        self.stream.extend(head.bytes());
        for (at, parent) in parents.iter().enumerate() {
            let word = if at == 0 { "from" } else { "merge" };
            // What an earlier stream made is named in another way than what this one makes.
            let tip = self.tips.get(parent).map_or_else(|| format!("refs/heads/{parent}^0"), |mark| format!(":{mark}"));
            self.stream.extend(format!("{word} {tip}\n").bytes());
        }
        self.stream.extend(edits);
        self.stream.push(b'\n');
        self.tips.insert(name.to_owned(), self.commits);
        self
    }

    /// Makes what was described.
    pub(crate) fn made(mut self) -> Self {
        let mut import = Command::new("git");
        import.arg("-C").arg(self.folder.path()).args(["fast-import", "--quiet", "--force"]);
        import.args(["--date-format=raw"]).env("GIT_CONFIG_NOSYSTEM", "1");
        import.stdin(Stdio::piped());
        let mut child = import.spawn().expect("git runs");
        let stream = std::mem::take(&mut self.stream);
        self.tips.clear();
        child.stdin.take().expect("a pipe").write_all(&stream).expect("git listens");
        assert!(child.wait().expect("git ends").success(), "the repository can be made");
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a name stands for.
    pub(crate) fn id(&self, revision: &str) -> String {
        git(self.path(), &["rev-parse", revision]).trim().to_owned()
    }

    /// Where an object lies by itself. Objects in packs are unpacked first.
    pub(crate) fn object(&self, revision: &str) -> PathBuf {
        let objects = self.path().join("objects");
        let packs = std::fs::read_dir(objects.join("pack")).expect("a folder of packs");
        for pack in packs.map(|entry| entry.expect("an entry").path()) {
            let away = self.path().join(pack.file_name().expect("a name"));
            std::fs::rename(&pack, &away).expect("it can be moved");
            if away.extension().is_some_and(|extension| extension == "pack") {
                let content = std::fs::File::open(&away).expect("it can be read");
                let mut unpack = Command::new("git");
                unpack.arg("-C").arg(self.path()).args(["unpack-objects", "-q"]).stdin(content);
                assert!(unpack.status().expect("git runs").success());
            }
        }
        let id = self.id(revision);
        objects.join(&id[..2]).join(&id[2..])
    }

    /// Runs `flyball plan` onto `main`.
    pub(crate) fn asked(&self, args: &[&str]) -> Output {
        asked(self.path(), args)
    }

    /// The answer about these heads, by their names.
    pub(crate) fn plan(&self, heads: &[&str], engine: &str) -> Value {
        let mut args = vec!["--base", "main", "--format", "json", "--engine", engine];
        for head in heads {
            args.extend(["--head", head]);
        }
        answer(&self.asked(&args))
    }

    /// The kinds between heads, without overlaps, by either engine.
    pub(crate) fn kinds(&self, heads: &[&str], engine: &str) -> Vec<String> {
        let plan = self.plan(heads, engine);
        let all =
            plan["collisions"].as_array().expect("a list").iter().map(|one| one["kind"].as_str().expect("a word"));
        all.filter(|kind| *kind != "overlap").map(str::to_owned).collect()
    }
}

/// Runs `flyball plan` on a folder.
pub(crate) fn asked(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
    command.arg("plan").arg("--repo").arg(folder).args(args);
    command.output().expect("flyball runs")
}

/// The JSON that was answered.
pub(crate) fn answer(output: &Output) -> Value {
    assert!(output.status.success(), "{}", told(output));
    serde_json::from_slice(&output.stdout).expect("the answer is JSON")
}

/// What was said on the error stream.
pub(crate) fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs git.
pub(crate) fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(args).output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", told(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
