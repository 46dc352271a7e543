//! Mirrors beside GitHub: what they answer, and that nothing goes wrong where they cannot.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use flyball::domain::govern::{Answer, Call, Fact, FileSeen, Mergeable, Need, PullState, Snapshot};
use flyball::domain::ids::{PrNumber, RepoId, Timestamp};
use flyball::domain::integration::collision::{Certainty, Kind, between};
use flyball::domain::integration::files::{FileEntry, footprint};
use flyball::domain::integration::footprint::Footprint;
use flyball::git::{Limits, MirrorError, Mirrors, Remote};
use flyball::github::{GitHub, GitHubError, Remotes, RepoAddress};
use flyball::runtime::clock::ManualClock;
use flyball::runtime::mirrored::MirroredGitHub;
use tempfile::TempDir;

fn git(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=T", "-c", "user.email=t@example.com"]).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A repository as GitHub has it: a base, and pull requests that change one line each of a large file.
struct Origin(TempDir);

impl Origin {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet", "--initial-branch=main", "."]);
        let origin = Self(folder);
        origin.commit(&[]);
        origin
    }

    /// Writes the large file with these lines replaced, and commits.
    fn commit(&self, lines: &[usize]) -> String {
        let text: String = (1..=400)
            .map(|line| if lines.contains(&line) { format!("{line}!\n") } else { format!("{line}\n") })
            .collect();
        std::fs::write(self.0.path().join("large.txt"), text).unwrap();
        git(self.0.path(), &["add", "."]);
        git(self.0.path(), &["commit", "--quiet", "--allow-empty", "-m", "change"]);
        git(self.0.path(), &["rev-parse", "HEAD"])
    }

    /// A pull request onto `main`; its head.
    fn pull(&self, number: u64, line: usize) -> String {
        git(self.0.path(), &["checkout", "--quiet", "-B", "work", "main"]);
        let head = self.commit(&[line]);
        git(self.0.path(), &["update-ref", &format!("refs/pull/{number}/head"), &head]);
        git(self.0.path(), &["checkout", "--quiet", "main"]);
        head
    }
}

/// GitHub, which has not worked out anything yet and leaves the large file's patch out.
struct Slow {
    heads: Vec<(PrNumber, String)>,
}

#[async_trait]
impl GitHub for Slow {
    async fn read(&self, _: &RepoAddress, need: &Need) -> Fact {
        match need {
            Need::Snapshot(number) => {
                let (_, head) = self.heads.iter().find(|(known, _)| known == number).unwrap();
                Fact::Snapshot(Box::new(snapshot(*number, head)))
            }
            Need::Files { .. } => Fact::Files(vec![FileSeen {
                filename: "large.txt".into(),
                previous_filename: None,
                status: "modified".into(),
                patch: None,
                blob: None,
                additions: 1,
                deletions: 1,
            }]),
            other => panic!("nobody asked for {other:?}"),
        }
    }

    async fn write(&self, _: &RepoAddress, call: &Call) -> Answer {
        panic!("nothing is written: {call:?}")
    }
}

fn snapshot(number: PrNumber, head: &str) -> Snapshot {
    Snapshot {
        number,
        node_id: String::new(),
        state: PullState::Open,
        draft: false,
        title: String::new(),
        body: String::new(),
        author: None,
        head_sha: head.parse().unwrap(),
        head_parents: Vec::new(),
        head_ref: "work".into(),
        head_repo: Some(RepoId(1)),
        cross_repository: false,
        base_ref: "main".into(),
        base_sha: "0".repeat(40).parse().unwrap(),
        mergeable: Mergeable::Unknown,
        labels: Vec::new(),
        changed_files: 1,
        additions: 1,
        deletions: 1,
        merge_commit: None,
        merged_by: None,
        created_at: Timestamp::UNIX_EPOCH,
        closed_at: None,
        reopened_at: None,
        checks: None,
        ours: None,
        messages: None,
        reviews: None,
        review_requests: Vec::new(),
        methods: Vec::new(),
        queue: false,
        queued: false,
        auto_merge: None,
    }
}

struct From(String);

#[async_trait]
impl Remotes for From {
    async fn remote(&self, _: &RepoAddress) -> Result<Remote, GitHubError> {
        Ok(Remote { url: self.0.clone(), header: None })
    }
}

const LIMITS: Limits = Limits { bytes: 1 << 30, idle: Duration::from_secs(86_400), fetch: Duration::from_secs(60) };

fn address() -> RepoAddress {
    RepoAddress { installation: None, id: RepoId(7), full_name: "acme/site".into() }
}

fn mirrored(url: &str, folder: &Path, heads: Vec<(PrNumber, String)>) -> MirroredGitHub {
    let mirrors = Arc::new(Mirrors::new(folder.to_owned(), LIMITS));
    let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
    let remotes = Arc::new(From(url.to_owned()));
    MirroredGitHub::new(Arc::new(Slow { heads }), remotes, mirrors, clock, Duration::from_secs(60))
}

async fn mergeable(github: &MirroredGitHub, number: u64) -> Mergeable {
    match github.read(&address(), &Need::Snapshot(PrNumber(number))).await {
        Fact::Snapshot(snapshot) => snapshot.mergeable,
        other => panic!("{other:?}"),
    }
}

async fn touches(github: &MirroredGitHub, number: u64, head: &str) -> Footprint {
    let need = Need::Files { number: PrNumber(number), head: head.parse().unwrap(), changed_files: 1 };
    let Fact::Files(files) = github.read(&address(), &need).await else { panic!("no files") };
    let entries = files.iter().map(|file| FileEntry {
        filename: &file.filename,
        status: &file.status,
        patch: file.patch.as_deref(),
        additions: file.additions,
        deletions: file.deletions,
        ..FileEntry::default()
    });
    footprint(entries, Some(1))
}

fn kinds(a: &Footprint, b: &Footprint) -> Vec<(Kind, Certainty)> {
    between(a, b).iter().map(|finding| (finding.kind, finding.certainty)).collect()
}

#[tokio::test]
async fn lines_that_github_leaves_out_are_known_with_a_mirror_and_possible_without() {
    let (origin, folder) = (Origin::new(), tempfile::tempdir().unwrap());
    let heads: Vec<(u64, String)> =
        [(1, 10), (2, 300), (3, 301)].map(|(number, line)| (number, origin.pull(number, line))).into();
    let known = || heads.iter().map(|(number, head)| (PrNumber(*number), head.clone())).collect::<Vec<_>>();
    let url = format!("file://{}", origin.0.path().display());
    for (url, apart, near) in [
        (url.as_str(), (Kind::Overlap, Certainty::Certain), (Kind::Textual, Certainty::Certain)),
        ("file:///nowhere/at/all", (Kind::Textual, Certainty::Possible), (Kind::Textual, Certainty::Possible)),
    ] {
        let github = mirrored(url, &folder.path().join(url.len().to_string()), known());
        let mut made = Vec::new();
        for (number, head) in &heads {
            mergeable(&github, *number).await;
            made.push(touches(&github, *number, head).await);
        }
        assert_eq!(kinds(&made[0], &made[1]), [apart], "{url}");
        assert_eq!(kinds(&made[1], &made[2]), [near], "{url}");
    }
}

#[tokio::test]
async fn whether_it_merges_is_decided_without_github_unless_the_mirror_lags() {
    let (origin, folder) = (Origin::new(), tempfile::tempdir().unwrap());
    let (clean, stuck) = (origin.pull(1, 10), origin.pull(2, 300));
    origin.commit(&[301]);
    let not_there = "e".repeat(40);
    let heads = vec![(PrNumber(1), clean), (PrNumber(2), stuck), (PrNumber(3), not_there.clone())];
    // GitHub told of a head that cannot be fetched yet.
    git(origin.0.path(), &["update-ref", "refs/pull/3/head", "main"]);
    let github = mirrored(&format!("file://{}", origin.0.path().display()), folder.path(), heads);
    assert_eq!(mergeable(&github, 1).await, Mergeable::Clean);
    assert_eq!(mergeable(&github, 2).await, Mergeable::Conflicting);
    assert_eq!(mergeable(&github, 3).await, Mergeable::Unknown);
    let lagging = touches(&github, 3, &not_there).await;
    assert_eq!(kinds(&lagging, &lagging), [(Kind::Textual, Certainty::Possible)]);
}

#[tokio::test]
async fn pairs_are_merged_for_real_and_what_the_mirror_has_not_got_is_left_out() {
    let (origin, folder) = (Origin::new(), tempfile::tempdir().unwrap());
    let (first, near, far) = (origin.pull(1, 10), origin.pull(2, 12), origin.pull(3, 300));
    git(origin.0.path(), &["checkout", "--quiet", "-B", "work", &first]);
    let upon = origin.commit(&[10, 200]);
    git(origin.0.path(), &["update-ref", "refs/pull/4/head", &upon]);
    git(origin.0.path(), &["checkout", "--quiet", "main"]);
    git(origin.0.path(), &["update-ref", "refs/pull/5/head", "main"]);
    let github = mirrored(&format!("file://{}", origin.0.path().display()), folder.path(), Vec::new());
    let other = |number, head: &str| (PrNumber(number), head.parse().unwrap());
    let need = |number, head: &str, others| Need::Merges {
        number: PrNumber(number),
        head: head.parse().unwrap(),
        base: "main".into(),
        others,
    };
    let gone = "e".repeat(40);
    let asked = need(4, &upon, vec![other(1, &first), other(2, &near), other(3, &far), other(5, &gone)]);
    for _ in 0..2 {
        let Fact::Merges(seen) = github.read(&address(), &asked).await else { panic!("the mirror can say") };
        let said: Vec<_> = seen
            .iter()
            .map(|seen| {
                (seen.other.0, seen.stops.iter().map(|stop| stop.path.as_str()).collect::<Vec<_>>(), seen.built_on)
            })
            .collect();
        assert_eq!(said, [(1, vec![], true), (2, vec![], false), (3, vec![], false)], "the second time from memory");
    }
    let stuck = origin.pull(6, 11);
    let Fact::Merges(seen) = github.read(&address(), &need(6, &stuck, vec![other(1, &first)])).await else {
        panic!("the mirror can say")
    };
    assert_eq!(seen[0].stops[0].why, "Both change large.txt in the same place.");
    let lost = mirrored("file:///nowhere/at/all", &folder.path().join("lost"), Vec::new());
    assert!(matches!(lost.read(&address(), &asked).await, Fact::Unknown(_)));
}

#[tokio::test]
async fn mirrors_stay_within_their_limits() {
    let (origin, folder) = (Origin::new(), tempfile::tempdir().unwrap());
    origin.pull(1, 10);
    let remote = Remote { url: format!("file://{}", origin.0.path().display()), header: None };
    let refs = ["refs/heads/main".to_owned(), "refs/pull/1/head".to_owned()];
    let there = |mirrors: &Mirrors| (1..=3).filter(|id| mirrors.path(*id).exists()).collect::<Vec<u64>>();
    let idle = Arc::new(Mirrors::new(folder.path().join("idle"), LIMITS));
    for (id, now) in [(1, 0), (2, 80_000), (3, 100_000)] {
        idle.fetch(id, &remote, &refs, now).await.unwrap();
    }
    assert_eq!(there(&idle), [2, 3], "the first was not asked for a day and more");
    let small = Arc::new(Mirrors::new(folder.path().join("small"), Limits { bytes: 1, ..LIMITS }));
    for (id, now) in [(1, 0), (2, 1), (3, 2)] {
        small.fetch(id, &remote, &refs, now).await.unwrap();
    }
    assert_eq!(there(&small), [3], "what was just asked for is never taken away");
}

/// Every file under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_token_is_sent_as_a_header_and_stands_nowhere_else() {
    let (server, folder) = (wiremock::MockServer::start().await, tempfile::tempdir().unwrap());
    let secret = "c2VjcmV0LXRva2Vu";
    wiremock::Mock::given(wiremock::matchers::header("authorization", format!("Basic {secret}").as_str()))
        .respond_with(wiremock::ResponseTemplate::new(404))
        .expect(1)
        .mount(&server)
        .await;
    let mirrors = Arc::new(Mirrors::new(folder.path().to_owned(), LIMITS));
    let remote = Remote {
        url: format!("{}/acme/site.git", server.uri()),
        header: Some(format!("Authorization: Basic {secret}")),
    };
    let refused = mirrors.fetch(7, &remote, &["refs/heads/main".to_owned()], 0).await.unwrap_err();
    assert!(matches!(&refused, MirrorError::Fetch(said) if said.contains("not found")), "{refused}");
    assert!(!format!("{refused:?} {remote:?}").contains(secret));
    for file in files(folder.path()) {
        let content = std::fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains(secret), "{}", file.display());
    }
}
