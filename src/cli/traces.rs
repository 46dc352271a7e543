//! Settings of what becomes of the traces of ended units.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use flyball::runtime::archive;

/// What becomes of the traces of units that landed or were withdrawn.
#[derive(Debug, Clone, Args)]
pub(crate) struct TraceArgs {
    /// So long after the last thing that happened to an ended unit, its trace is compressed; `never`: it stays as it is.
    #[arg(
        long = "trace-archive-after",
        env = "FLYBALL_TRACE_ARCHIVE_AFTER",
        default_value = "7d",
        value_name = "TIME"
    )]
    pub archive_after: Span,
    /// So long after the last thing that happened to an ended unit, it is deleted with its trace, which is exported first; at least `7d`.
    #[arg(long = "trace-retention", env = "FLYBALL_TRACE_RETENTION", default_value = "forever", value_name = "TIME")]
    pub retention: Span,
    /// The folder to which traces are exported before they are deleted; `none`: they are not. Needed with --trace-retention.
    #[arg(long = "trace-export", env = "FLYBALL_TRACE_EXPORT", value_name = "DIR")]
    pub export: Option<PathBuf>,
}

/// A time that may be endless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Option<Duration>);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" | "forever" => Ok(Self(None)),
            _ => humantime::parse_duration(text)
                .map(|span| Self(Some(span)))
                .map_err(|error| format!("{error}; write for example `30d`, `2years`, or `forever`")),
        }
    }
}

/// How the flow went is told by what happened in the seven days after a landing: none of that is deleted.
const SHORTEST: Duration = Duration::from_secs(7 * 24 * 3600);

impl TraceArgs {
    /// The settings, if they go together and the folder can be written to.
    pub(crate) fn settings(&self) -> anyhow::Result<archive::Settings> {
        let export = self.export.clone().filter(|folder| folder.as_os_str() != "none");
        if let Span(Some(retention)) = self.retention {
            if retention < SHORTEST {
                bail!(
                    "FLYBALL_TRACE_RETENTION is shorter than seven days, from which the flow is measured: set `7d` or more"
                );
            }
            if self.export.is_none() {
                bail!(
                    "FLYBALL_TRACE_RETENTION deletes traces: set FLYBALL_TRACE_EXPORT to the folder to which they are exported first, or to `none`"
                );
            }
        }
        if let Some(folder) = &export {
            let what = || format!("FLYBALL_TRACE_EXPORT: {} cannot be written to", folder.display());
            archive::writable(folder).with_context(what)?;
        }
        let (pack_after, delete_after) = (self.archive_after.0, self.retention.0);
        Ok(archive::Settings { pack_after, delete_after, export, ..archive::Settings::default() })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        traces: TraceArgs,
    }

    fn read(args: &[&str]) -> Result<archive::Settings, String> {
        let line = Line::try_parse_from(["flyball"].iter().chain(args)).map_err(|error| error.to_string())?;
        line.traces.settings().map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_set_packs_after_a_week_and_deletes_nothing() {
        assert_eq!(read(&[]).unwrap(), archive::Settings::default());
        let set = read(&["--trace-archive-after=never", "--trace-retention=2years", "--trace-export=none"]).unwrap();
        assert_eq!((set.pack_after, set.export), (None, None));
        assert_eq!(set.delete_after, Some(Duration::from_secs(2 * 31_557_600)));
    }

    #[test]
    fn the_folder_for_exports_is_made_and_tried_at_start() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("deep/traces");
        let argument = format!("--trace-export={}", place.display());
        assert_eq!(read(&[&argument, "--trace-retention=90d"]).unwrap().export.as_ref(), Some(&place));
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0, "the trial leaves nothing");
    }

    #[test]
    fn what_cannot_work_is_told_with_what_to_do() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let in_the_way = format!("--trace-export={}/traces", file.path().display());
        let cases: [(&[&str], &str); 5] = [
            (&["--trace-retention=90d"], "set FLYBALL_TRACE_EXPORT to the folder"),
            (&["--trace-retention=1h", "--trace-export=none"], "set `7d` or more"),
            (&["--trace-retention=soon", "--trace-export=none"], "write for example `30d`"),
            (&["--trace-archive-after="], "write for example `30d`"),
            (&[&in_the_way], "cannot be written to"),
        ];
        for (args, expected) in cases {
            let error = read(args).unwrap_err();
            assert!(error.contains(expected), "{args:?}: {error}");
        }
    }
}
