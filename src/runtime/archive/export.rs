//! The copy that is made of a trace before it is deleted: JSON lines, as `flyball audit export` prints and `flyball audit verify` reads.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// A trace on its way to a file.
pub(super) struct Export {
    /// Folder and name, below the folder that is set.
    pub(super) place: PathBuf,
    pub(super) lines: Vec<Bytes>,
}

impl Export {
    /// `<repository id>-<owner>-<name>/<number>-<first digits of the last hash>.jsonl`: a unit that ended, was deleted, came again and
    /// ended once more has another last hash, and overwrites nothing.
    pub(super) fn new(repo: u64, full_name: &str, number: u64, last_hash: &str, lines: Vec<Bytes>) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        let name: String = full_name.chars().map(plain).collect();
        let hash: String = last_hash.chars().filter(char::is_ascii_hexdigit).take(12).collect();
        Self { place: PathBuf::from(format!("{repo}-{name}")).join(format!("{number}-{hash}.jsonl")), lines }
    }

    /// Writes it below `folder`; on disk when this returns.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let path = folder.join(&self.place);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)?;
        let part = path.with_extension("part");
        let mut file = File::create(&part)?;
        for line in &self.lines {
            file.write_all(line)?;
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        fs::rename(&part, &path)?;
        // Otherwise a power cut could forget the names.
        File::open(parent)?.sync_all()?;
        File::open(folder)?.sync_all()
    }
}

/// Makes the folder if it is missing, and sees whether it takes files.
///
/// # Errors
/// Why not.
pub fn writable(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let probe = folder.join(".flyball-writes-here");
    File::create(&probe)?.sync_all()?;
    fs::remove_file(probe)
}
