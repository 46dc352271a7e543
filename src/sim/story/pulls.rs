//! What people do with pull requests.

use super::repos::sha_of;
use super::{Files, GitHub, PullView, Refused, parts, unit};
use crate::domain::ids::{CommitSha, RepoId, ReviewId, UnitKey};
use crate::sim::act::{Method, NewPull};
use crate::sim::git::Sha;
use crate::sim::state::State;

impl GitHub {
    /// Opens a pull request into the default branch, from a new branch that starts there.
    ///
    /// # Panics
    /// If the change is empty: GitHub opens no pull request without commits.
    pub fn open_pull(&self, repo: RepoId, author: &str, title: &str, files: impl Into<Files>) -> UnitKey {
        let base = self.lock().repo(repo.0).default_branch.clone();
        self.open_pull_into(repo, &base, author, title, "", files)
    }

    /// Opens a pull request into any branch, with a body; a base that is another one's head branch makes a stack.
    ///
    /// # Panics
    /// If the base is not there or the change is empty.
    pub fn open_pull_into(
        &self,
        repo: RepoId,
        base: &str,
        author: &str,
        title: &str,
        body: &str,
        files: impl Into<Files>,
    ) -> UnitKey {
        let files = files.into();
        self.act(|state| {
            let branch = format!("{}-{}", author.replace(['[', ']'], ""), state.next_id());
            open(state, repo.0, repo.0, (base, &branch), (author, title, body), &files, false)
        })
    }

    /// Opens a draft into the default branch.
    ///
    /// # Panics
    /// If the change is empty.
    pub fn open_draft(&self, repo: RepoId, author: &str, title: &str, files: impl Into<Files>) -> UnitKey {
        let files = files.into();
        self.act(|state| {
            let (base, branch) = (state.repo(repo.0).default_branch.clone(), format!("{author}-{}", state.next_id()));
            open(state, repo.0, repo.0, (&base, &branch), (author, title, ""), &files, true)
        })
    }

    /// Opens a pull request from the author's fork, which is made if needed and has no App.
    ///
    /// # Panics
    /// If the change is empty.
    pub fn open_pull_from_fork(&self, repo: RepoId, author: &str, title: &str, files: impl Into<Files>) -> UnitKey {
        let files = files.into();
        self.act(|state| {
            state.ensure_user(author);
            let fork = state.fork(repo.0, author);
            let (base, branch) = (state.repo(repo.0).default_branch.clone(), format!("patch-{}", state.next_id()));
            open(state, repo.0, fork, (&base, &branch), (author, title, ""), &files, false)
        })
    }

    /// Opens a second pull request from the head branch of another one, into another base: both have one head.
    ///
    /// # Panics
    /// If the base is not there, or the branch is already proposed into it.
    pub fn open_pull_of_same_head(&self, other: UnitKey, base: &str, author: &str, title: &str) -> UnitKey {
        let (repo, number) = parts(other);
        self.act(|state| {
            state.ensure_user(author);
            let pull = &state.repo(repo).pulls[&number];
            let (head, head_repo) = (pull.head.clone(), pull.head_repo);
            let (author, title, base) = (author.into(), title.into(), base.into());
            let new = NewPull { author, title, body: None, base, head, head_repo, draft: false };
            unit(repo, state.open_pull(repo, new).expect("the branch is not proposed there yet"))
        })
    }

    /// The head branch of a pull request: what a stacked one is opened into.
    #[must_use]
    pub fn head_branch(&self, pr: UnitKey) -> String {
        self.pull(pr).head
    }

    /// Pushes a commit to a pull request's head branch as its author.
    pub fn push(&self, pr: UnitKey, files: impl Into<Files>) -> CommitSha {
        let author = self.pull(pr).author;
        self.push_as(pr, &author, files)
    }

    /// Pushes a commit to a pull request's head branch as somebody.
    pub fn push_as(&self, pr: UnitKey, by: &str, files: impl Into<Files>) -> CommitSha {
        let head = self.pull(pr).head_sha;
        self.put(pr, by, head.as_str().to_owned(), &files.into())
    }

    /// Replaces a pull request's commits by one on top of the newest base.
    pub fn force_push(&self, pr: UnitKey, files: impl Into<Files>) -> CommitSha {
        let pull = self.pull(pr);
        let base = self.branch_head(pr.repo, &pull.base).map(String::from).unwrap_or_default();
        self.put(pr, &pull.author, base, &files.into())
    }

    fn put(&self, pr: UnitKey, by: &str, parent: Sha, files: &Files) -> CommitSha {
        let (repo, number) = parts(pr);
        let sha = self.act(|state| {
            state.ensure_user(by);
            let pull = &state.repo(repo).pulls[&number];
            let (head_repo, head) = (pull.head_repo, pull.head.clone());
            let tree = files.onto(&state.objects.tree(&parent));
            let now = state.now();
            let sha = state.objects.commit(&[parent], tree.into(), &files.words(), by, now);
            state.move_branch(head_repo, &head, &sha, by);
            sha
        });
        sha_of(&sha)
    }

    /// Presses "Update branch".
    ///
    /// # Errors
    /// GitHub's refusal: nothing to update, a conflict.
    pub fn update_branch(&self, pr: UnitKey, by: &str) -> Result<CommitSha, Refused> {
        let (repo, number) = parts(pr);
        Ok(self.act(|state| state.update_head(repo, number, None, by)).map(|sha| sha_of(&sha))?)
    }

    /// Changes the title.
    pub fn retitle(&self, pr: UnitKey, by: &str, title: &str) {
        let (repo, number) = parts(pr);
        self.act(|state| state.edit(repo, number, Some(title), None, by));
    }

    /// Changes the body.
    pub fn rewrite_body(&self, pr: UnitKey, by: &str, body: &str) {
        let (repo, number) = parts(pr);
        self.act(|state| state.edit(repo, number, None, Some(body), by));
    }

    /// Points a pull request at another base branch.
    pub fn retarget(&self, pr: UnitKey, by: &str, base: &str) {
        let (repo, number) = parts(pr);
        self.act(|state| state.retarget(repo, number, base, by));
    }

    /// Turns a pull request into a draft.
    pub fn draft(&self, pr: UnitKey) {
        let (repo, number) = parts(pr);
        let author = self.pull(pr).author;
        self.act(|state| state.set_draft(repo, number, true, &author));
    }

    /// Marks a draft as ready for review.
    pub fn ready(&self, pr: UnitKey) {
        let (repo, number) = parts(pr);
        let author = self.pull(pr).author;
        self.act(|state| state.set_draft(repo, number, false, &author));
    }

    /// Puts a label on.
    pub fn label(&self, pr: UnitKey, by: &str, name: &str) {
        let (repo, number) = parts(pr);
        self.act(|state| state.label(repo, number, name, by));
    }

    /// Takes a label off; `false` if it was not on.
    pub fn unlabel(&self, pr: UnitKey, by: &str, name: &str) -> bool {
        let (repo, number) = parts(pr);
        self.act(|state| state.unlabel(repo, number, name, by))
    }

    /// Locks its conversation.
    pub fn lock_conversation(&self, pr: UnitKey, by: &str) {
        let (repo, number) = parts(pr);
        self.act(|state| state.lock(repo, number, by));
    }

    /// Switches auto-merge on or off by hand.
    ///
    /// # Errors
    /// [`Refused`] in GitHub's words.
    pub fn press_auto_merge(&self, pr: UnitKey, by: &str, on: bool) -> Result<(), Refused> {
        let (repo, number) = parts(pr);
        self.act(|state| {
            if on {
                return Ok(state.enable_auto_merge(repo, number, Method::Squash, (None, None), by)?);
            }
            state.disable_auto_merge(repo, number, by, "disabled by user");
            Ok(())
        })
    }

    /// Closes without merging.
    pub fn close(&self, pr: UnitKey, by: &str) {
        let (repo, number) = parts(pr);
        self.act(|state| state.close(repo, number, by));
    }

    /// Reopens.
    ///
    /// # Errors
    /// GitHub's refusal: it was merged, or its branch is gone.
    pub fn reopen(&self, pr: UnitKey, by: &str) -> Result<(), Refused> {
        let (repo, number) = parts(pr);
        Ok(self.act(|state| state.reopen(repo, number, by))?)
    }

    /// Submits a review: `APPROVED`, `CHANGES_REQUESTED` or `COMMENTED`.
    ///
    /// # Errors
    /// GitHub's refusal: nobody approves their own pull request.
    pub fn review(&self, pr: UnitKey, by: &str, state: &str, body: &str) -> Result<ReviewId, Refused> {
        let (repo, number) = parts(pr);
        Ok(self.act(|world| world.review(repo, number, by, state, body)).map(ReviewId)?)
    }

    /// Dismisses a review; `false` if there is none to dismiss.
    pub fn dismiss_review(&self, pr: UnitKey, by: &str, review: ReviewId) -> bool {
        let (repo, number) = parts(pr);
        self.act(|state| state.dismiss(repo, number, review.0, by))
    }

    /// Presses the merge button; the method is the first that the repository allows of squash, merge, rebase.
    ///
    /// # Errors
    /// Why the button is grey: protection, a conflict, a draft, no right to.
    pub fn press_merge(&self, pr: UnitKey, by: &str) -> Result<CommitSha, Refused> {
        let (repo, number) = parts(pr);
        let merged = self.act(|state| {
            let settings = state.repo(repo).settings;
            let method = match settings {
                _ if settings.allow_squash_merge => Method::Squash,
                _ if settings.allow_merge_commit => Method::Merge,
                _ => Method::Rebase,
            };
            state.merge_pull(repo, number, method, (None, None), by)
        });
        Ok(merged.map(|sha| sha_of(&sha))?)
    }

    /// The merge queue of a branch, first to land first, with the commit of the group that is tested.
    #[must_use]
    pub fn merge_queue(&self, repo: RepoId, branch: &str) -> Vec<(UnitKey, Option<CommitSha>)> {
        let state = self.lock();
        let entries = state.repo(repo.0).queues.get(branch).map(Vec::as_slice).unwrap_or_default();
        let key = |number| UnitKey { repo, number: crate::domain::ids::PrNumber(number) };
        let head = |sha: &String| sha.parse().ok();
        entries.iter().map(|entry| (key(entry.number), entry.group.as_ref().and_then(|(sha, _)| head(sha)))).collect()
    }

    /// Presses "Merge when ready" of a merge queue.
    ///
    /// # Errors
    /// Why it cannot be queued.
    pub fn press_enqueue(&self, pr: UnitKey, by: &str) -> Result<(), Refused> {
        let (repo, number) = parts(pr);
        Ok(self.act(|state| state.enqueue(repo, number, false, by))?)
    }

    /// What can be seen of a pull request.
    #[must_use]
    pub fn pull(&self, pr: UnitKey) -> PullView {
        let (repo, number) = parts(pr);
        PullView::of(&self.lock(), repo, number)
    }

    /// Whether it landed.
    #[must_use]
    pub fn is_merged(&self, pr: UnitKey) -> bool {
        self.pull(pr).merged
    }

    /// All pull requests of a repository, by number.
    #[must_use]
    pub fn pulls(&self, repo: RepoId) -> Vec<UnitKey> {
        self.lock().repo(repo.0).pulls.keys().map(|number| unit(repo.0, *number)).collect()
    }
}

type Sides<'a> = (&'a str, &'a str);
type Words<'a> = (&'a str, &'a str, &'a str);

fn open(
    state: &mut State,
    repo: u64,
    head_repo: u64,
    (base, head): Sides<'_>,
    (author, title, body): Words<'_>,
    files: &Files,
    draft: bool,
) -> UnitKey {
    state.ensure_user(author);
    let start = state.repo(repo).branches.get(base).cloned().expect("the base branch is there");
    let tree = files.onto(&state.objects.tree(&start));
    let now = state.now();
    let sha = state.objects.commit(&[start], tree.into(), &files.words(), author, now);
    state.move_branch(head_repo, head, &sha, author);
    let body = (!body.is_empty()).then(|| body.to_owned());
    let (author, title, base, head) = (author.into(), title.into(), base.into(), head.into());
    let new = NewPull { author, title, body, base, head, head_repo, draft };
    let number = state.open_pull(repo, new).expect("a new branch with a new commit can be opened");
    unit(repo, number)
}
