//! The open pull requests of a repository.

use std::collections::BTreeMap;

use super::{Failed, Reader};
use crate::domain::govern::OpenPull;
use crate::domain::ids::PrNumber;
use crate::github::path::repo;
use crate::github::session::Keep;
use crate::github::shapes::ListedPull;

impl Reader<'_> {
    /// Each, by number. Oldest first, so that one opened meanwhile comes last; one seen twice counts once.
    pub(super) async fn open_pulls(&self) -> Result<Vec<OpenPull>, Failed> {
        let path = repo(self.at, "/pulls?state=open&sort=created&direction=asc");
        let pulls: Vec<ListedPull> = self.session.pages(&path, Keep::ByEtag).await?;
        let shown = |pull: ListedPull| {
            let number = PrNumber(pull.number);
            (number, OpenPull { number, head: pull.head.sha, updated_at: pull.updated_at })
        };
        let by_number: BTreeMap<PrNumber, OpenPull> = pulls.into_iter().map(shown).collect();
        Ok(by_number.into_values().collect())
    }
}
