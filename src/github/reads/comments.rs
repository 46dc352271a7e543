//! Comments: ours by their marker, other people's since a time.

use super::{Failed, Reader};
use crate::domain::govern::{CommentSeen, OurComment};
use crate::domain::ids::{CommentId, PrNumber, Timestamp};
use crate::github::path::{repo, segment};
use crate::github::session::Keep;
use crate::github::shapes::{Comment, shortened};

/// How everything that we write begins its hidden part.
const MARKER: &str = "<!-- flyball:";

impl Reader<'_> {
    /// Ours, oldest first: the marker alone proves nothing, anybody can paste it (FACTS K8).
    pub(super) async fn our_comments(&self, number: PrNumber) -> Result<Vec<OurComment>, Failed> {
        let path = repo(self.at, &format!("/issues/{number}/comments"));
        let all: Vec<Comment> = self.session.pages(&path, Keep::ByEtag).await?;
        Ok(all.into_iter().filter(|comment| self.is_ours(comment) && comment.body.contains(MARKER)).map(ours).collect())
    }

    /// This one; nothing where it was deleted.
    pub(super) async fn our_comment(&self, id: CommentId) -> Result<Vec<OurComment>, Failed> {
        let path = repo(self.at, &format!("/issues/comments/{id}"));
        self.there(&path, Keep::ByEtag).await?.map(|reply| Ok(ours(reply.read()?))).into_iter().collect()
    }

    /// Other people's. A body is kept only where a line of it may be a command.
    pub(super) async fn comments(&self, number: PrNumber, since: Timestamp) -> Result<Vec<CommentSeen>, Failed> {
        let since = segment(&format!("{since:.0}"));
        let path = repo(self.at, &format!("/issues/{number}/comments?since={since}"));
        let all: Vec<Comment> = self.session.pages(&path, Keep::No).await?;
        Ok(all
            .into_iter()
            .filter(|comment| !self.is_ours(comment))
            .filter_map(|comment| comment.seen(number))
            .collect())
    }

    fn is_ours(&self, comment: &Comment) -> bool {
        let by_app = comment.performed_via_github_app.is_some_and(|app| app.id == self.app_id);
        let login = comment.user.as_ref().map(|user| user.login.as_str());
        by_app || (login.is_some() && login == self.bot_login.as_deref())
    }
}

fn ours(comment: Comment) -> OurComment {
    OurComment { id: CommentId(comment.id), body: comment.body, updated_at: comment.updated_at }
}

impl Comment {
    /// `None` where its account was deleted: nobody can be authorised by it.
    fn seen(self, number: PrNumber) -> Option<CommentSeen> {
        let may_command = self.body.lines().any(|line| line.trim_start().starts_with('/'));
        Some(CommentSeen {
            id: CommentId(self.id),
            number,
            author: self.user?.actor(),
            body: if may_command { shortened(self.body) } else { String::new() },
            created_at: self.created_at,
            edited: self.updated_at > self.created_at,
        })
    }
}
