//! Files that the commands read.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use flyball::domain::policy::{Around, Level, Loaded, Standard, load};

use super::clean;

/// The text of a file, or of standard input for `-`.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A policy file with what is known around it.
pub(super) fn loaded(path: &Path, extended: Option<&Path>, files: Option<&[String]>) -> anyhow::Result<Loaded> {
    let own = text(path)?;
    let below = extended.map(text).transpose()?;
    let name = extended.map(|path| path.display().to_string()).unwrap_or_default();
    let source = path.display().to_string();
    let extended = below.as_deref().map(|text| (name.as_str(), text));
    Ok(load(&own, Around { source: &source, blob: None, extended, files }))
}

/// A policy that must be valid; its errors are said where it is not.
pub(super) fn standard(path: &Path, extended: Option<&Path>) -> anyhow::Result<Arc<Standard>> {
    let loaded = loaded(path, extended, None)?;
    if let Some(standard) = loaded.standard {
        return Ok(standard);
    }
    for finding in loaded.findings.iter().filter(|finding| finding.level == Level::Error) {
        let place = finding.at.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
        anstream::eprintln!("{}{place}: {}", path.display(), clean(&finding.message));
    }
    bail!("{} cannot be put in force", path.display())
}
