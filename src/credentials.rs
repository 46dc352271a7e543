//! The App's credentials, kept in one file that only its owner reads, and that is written once.
//!
//! The set-up flow [reserves](reserve) the place before it asks GitHub for anything: GitHub gives id, key and secrets away a single
//! time, so whatever could keep them from being stored has to show before that.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{fmt, mem};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::github::Registered;

/// Id, key and secrets of an App. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The App's numeric id.
    pub app_id: u64,
    /// Its name in addresses.
    pub slug: String,
    /// Its page on GitHub.
    pub html_url: String,
    /// The client id, for the login of people.
    pub client_id: String,
    /// The client secret that goes with it.
    pub client_secret: String,
    /// What deliveries are signed with.
    pub webhook_secret: String,
    /// The private key, PEM.
    pub private_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("app_id", &self.app_id).field("slug", &self.slug).finish_non_exhaustive()
    }
}

impl From<Registered> for Credentials {
    fn from(registered: Registered) -> Self {
        Self {
            app_id: registered.id,
            slug: registered.slug,
            html_url: registered.html_url,
            client_id: registered.client_id,
            client_secret: registered.client_secret,
            webhook_secret: registered.webhook_secret,
            private_key: registered.pem,
        }
    }
}

/// Why credentials could not be stored or read: one variant per thing somebody can do about it.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Something is there already, and it is never overwritten.
    #[error("{} is there already and is never overwritten: move it away to register another App", .0.display())]
    Exists(PathBuf),
    /// The place cannot be written.
    #[error("{} cannot be written ({source}): give this server's user the right to write there, or name another file with --credentials", path.display())]
    Unwritable {
        /// Folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is a file, and it cannot be read.
    #[error("{} cannot be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, without quoting it.
        why: String,
    },
}

/// Reads the file; `None` where there is none.
///
/// # Errors
/// `Unreadable`: the file's rights or its content must be put right.
pub fn read(path: &Path) -> Result<Option<Credentials>, CredentialsError> {
    let unreadable = |why: String| CredentialsError::Unreadable { path: path.to_owned(), why };
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    // Line and column only: the parser's own words could quote a secret.
    let read: Result<Credentials, _> = serde_json::from_slice(&text);
    read.map(Some).map_err(|error| {
        unreadable(format!("line {}, column {} is not what a set-up wrote", error.line(), error.column()))
    })
}

/// Whether others than the owner may read the file; `None` where that cannot be seen.
#[must_use]
pub fn is_open_to_others(path: &Path) -> Option<bool> {
    Some(fs::metadata(path).ok()?.permissions().mode() & 0o077 != 0)
}

/// A place that is known to take the credentials: the file is made and still empty, under another name. Dropped, it leaves nothing.
#[derive(Debug)]
pub struct Reserved {
    file: NamedTempFile,
    path: PathBuf,
}

/// Makes sure that credentials can be stored at `path`. A missing folder is made, for its owner only.
///
/// # Errors
/// `Exists`, `Unwritable`: nothing was changed.
pub fn reserve(path: &Path) -> Result<Reserved, CredentialsError> {
    if path.symlink_metadata().is_ok() {
        return Err(CredentialsError::Exists(path.to_owned()));
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let unwritable = |source| CredentialsError::Unwritable { path: folder.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable)?;
    // Made with 0600 by the crate's contract, on the same file system, so that the last step is one rename.
    let file = tempfile::Builder::new().prefix(".credentials-").tempfile_in(folder).map_err(unwritable)?;
    Ok(Reserved { file, path: path.to_owned() })
}

impl Reserved {
    /// Stores the credentials: whole or not at all, on disk when this returns.
    ///
    /// # Errors
    /// `Exists` if somebody was faster; `Unwritable` if the disk refuses.
    pub fn keep(mut self, credentials: &Credentials) -> Result<(), CredentialsError> {
        let path = mem::take(&mut self.path);
        let unwritable = |source| CredentialsError::Unwritable { path: path.clone(), source };
        let mut text = serde_json::to_vec_pretty(credentials).map_err(|error| unwritable(error.into()))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(unwritable)?;
        self.file.as_file().sync_all().map_err(unwritable)?;
        match self.file.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(CredentialsError::Exists(path));
            }
            Err(error) => return Err(CredentialsError::Unwritable { path, source: error.error }),
        }
        // The name itself has to survive a power cut too. Some file systems refuse this for folders: then there is nothing to do.
        if let Some(Ok(folder)) = path.parent().map(File::open) {
            drop(folder.sync_all());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            app_id: 7,
            slug: "flyball".into(),
            html_url: "https://github.com/apps/flyball".into(),
            client_id: "Iv1".into(),
            client_secret: "c-secret".into(),
            webhook_secret: "w-secret".into(),
            private_key: "k-secret".into(),
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_stored_is_read_and_belongs_to_its_owner_alone() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("new/credentials/app.json");
        assert_eq!(read(&path).unwrap(), None);
        reserve(&path).unwrap().keep(&credentials()).unwrap();
        assert_eq!(read(&path).unwrap(), Some(credentials()));
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(is_open_to_others(&path), Some(false));
        let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(names, ["app.json"], "nothing else is left behind");
    }

    #[test]
    fn what_is_there_is_never_overwritten() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("app.json");
        let late = reserve(&path).unwrap();
        fs::write(&path, "somebody else's").unwrap();
        assert!(matches!(late.keep(&credentials()), Err(CredentialsError::Exists(_))));
        assert!(matches!(reserve(&path), Err(CredentialsError::Exists(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "somebody else's");
        let dangling = room.path().join("link.json");
        std::os::unix::fs::symlink(room.path().join("nowhere"), &dangling).unwrap();
        assert!(matches!(reserve(&dangling), Err(CredentialsError::Exists(_))), "a link to nowhere is something too");
    }

    #[test]
    fn a_place_that_takes_nothing_shows_beforehand() {
        let room = tempfile::tempdir().unwrap();
        fs::write(room.path().join("file"), "").unwrap();
        let error = reserve(&room.path().join("file/app.json")).unwrap_err();
        assert!(error.to_string().contains("--credentials"), "{error}");
    }

    #[test]
    fn a_reservation_that_is_dropped_leaves_nothing() {
        let room = tempfile::tempdir().unwrap();
        drop(reserve(&room.path().join("app.json")).unwrap());
        assert_eq!(fs::read_dir(room.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_that_goes_wrong_quotes_a_secret() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("app.json");
        fs::write(&path, r#"{"app_id": "k-secret"}"#).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(!error.contains("secret") && error.contains("line 1"), "{error}");
        assert!(!format!("{:?}", credentials()).contains("secret"));
    }
}
