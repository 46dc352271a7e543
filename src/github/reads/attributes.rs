//! `.gitattributes` at the top of the default branch.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde::Deserialize;

use super::{Failed, Reader};
use crate::github::GitHubError;
use crate::github::path::repo;
use crate::github::session::Keep;

/// More than this is no description of a repository.
const MOST_BYTES: usize = 64 << 10;

/// `GET /repos/{owner}/{repo}/contents/{path}` of a file.
#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    content: String,
    #[serde(default)]
    encoding: String,
}

impl Reader<'_> {
    /// Its text; empty where there is none, or none that can be read as text.
    pub(super) async fn attributes(&self) -> Result<String, Failed> {
        let path = repo(self.at, "/contents/.gitattributes");
        let reply = match self.session.get(&path, Keep::ByEtag).await {
            Ok(reply) => reply,
            Err(GitHubError::Refused { status, .. }) if status == StatusCode::NOT_FOUND.as_u16() => {
                return Ok(String::new());
            }
            Err(error) => return Err(error.into()),
        };
        // A folder or a submodule of that name comes as a list, or without content.
        let Ok(Content { content, encoding }) = reply.read() else { return Ok(String::new()) };
        if encoding != "base64" {
            return Ok(String::new());
        }
        let packed: String = content.split_whitespace().collect();
        let bytes = STANDARD.decode(packed).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_BYTES)]);
        // What was cut through the middle of a line says nothing.
        let whole =
            if bytes.len() > MOST_BYTES { text.rsplit_once('\n').map_or("", |(whole, _)| whole) } else { &text };
        Ok(whole.to_owned())
    }
}
