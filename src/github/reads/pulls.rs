//! The open pull requests of a repository.

use std::collections::BTreeMap;

use super::{Failed, Reader};
use crate::domain::ids::{CommitSha, PrNumber};
use crate::github::path::repo;
use crate::github::session::Keep;
use crate::github::shapes::ListedPull;

impl Reader<'_> {
    /// Number and head of each, by number. Oldest first, so that one opened meanwhile comes last; one seen twice counts once.
    pub(super) async fn open_pulls(&self) -> Result<Vec<(PrNumber, CommitSha)>, Failed> {
        let path = repo(self.at, "/pulls?state=open&sort=created&direction=asc");
        let pulls: Vec<ListedPull> = self.session.pages(&path, Keep::ByEtag).await?;
        let by_number: BTreeMap<_, _> = pulls.into_iter().map(|pull| (PrNumber(pull.number), pull.head.sha)).collect();
        Ok(by_number.into_iter().collect())
    }
}
