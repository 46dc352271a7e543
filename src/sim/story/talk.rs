//! Comments and reactions.

use super::views::CommentView;
use super::{GitHub, Refused, parts};
use crate::domain::ids::{CommentId, RepoId, UnitKey};

impl GitHub {
    /// Writes a comment under a pull request.
    ///
    /// # Panics
    /// If the body is blank or longer than GitHub takes: use [`try_comment`](Self::try_comment) to see that refused.
    pub fn comment(&self, pr: UnitKey, by: &str, body: &str) -> CommentId {
        self.try_comment(pr, by, body).expect("GitHub takes the comment")
    }

    /// Writes a comment, or not.
    ///
    /// # Errors
    /// GitHub's refusal: blank or too long.
    pub fn try_comment(&self, pr: UnitKey, by: &str, body: &str) -> Result<CommentId, Refused> {
        let (repo, number) = parts(pr);
        Ok(self.act(|state| state.comment(repo, number, by, body)).map(CommentId)?)
    }

    /// Changes a comment's text: anyone with write access may, also of others' comments (FACTS K3).
    ///
    /// # Errors
    /// GitHub's refusal: no such comment, blank or too long.
    pub fn edit_comment(&self, repo: RepoId, comment: CommentId, by: &str, body: &str) -> Result<(), Refused> {
        Ok(self.act(|state| state.edit_comment(repo.0, comment.0, body, by))?)
    }

    /// Deletes a comment; `false` if there is none.
    pub fn delete_comment(&self, repo: RepoId, comment: CommentId, by: &str) -> bool {
        self.act(|state| state.delete_comment(repo.0, comment.0, by))
    }

    /// All comments of a pull request, oldest first.
    #[must_use]
    pub fn comments(&self, pr: UnitKey) -> Vec<CommentView> {
        let (repo, number) = parts(pr);
        let state = self.lock();
        let held = state.repo(repo);
        held.pulls[&number].comments.iter().filter_map(|id| held.comments.get(id)).map(CommentView::of).collect()
    }

    /// Reactions to a comment, as `login content`.
    #[must_use]
    pub fn reactions(&self, repo: RepoId, comment: CommentId) -> Vec<String> {
        let state = self.lock();
        let found = state.repo(repo.0).comments.get(&comment.0);
        found.into_iter().flat_map(|c| &c.reactions).map(|r| format!("{} {}", r.user, r.content)).collect()
    }
}
