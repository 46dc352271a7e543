//! What somebody may do here. Asked each time, never kept: a right counts at the moment it is used (FACTS K5).

use serde::Deserialize;

use super::{Failed, Reader};
use crate::domain::govern::{Permission, Right};
use crate::github::path::{repo, segment};
use crate::github::session::Keep;

#[derive(Deserialize)]
struct Collaborator {
    permission: String,
    #[serde(default)]
    role_name: Option<String>,
}

impl Reader<'_> {
    /// Somebody whom GitHub does not know has no right.
    pub(super) async fn permission(&self, login: &str) -> Result<Permission, Failed> {
        let path = repo(self.at, &format!("/collaborators/{}/permission", segment(login)));
        match self.there(&path, Keep::No).await? {
            Some(reply) => Ok(reply.read::<Collaborator>()?.right()),
            None => Ok(Permission { right: Right::None, role: "none".to_owned() }),
        }
    }
}

impl Collaborator {
    /// `role_name` tells maintain from write and triage from read; a custom role counts as what it is built on; an unknown word is nothing.
    fn right(self) -> Permission {
        let named = self.role_name.as_deref().and_then(known);
        let built_on = known(&self.permission).unwrap_or(Right::None);
        let right = named.unwrap_or(built_on);
        Permission { right, role: self.role_name.unwrap_or(self.permission) }
    }
}

fn known(word: &str) -> Option<Right> {
    Some(match word {
        "admin" => Right::Admin,
        "maintain" => Right::Maintain,
        "write" => Right::Write,
        "triage" => Right::Triage,
        "read" => Right::Read,
        "none" => Right::None,
        _ => return None,
    })
}
