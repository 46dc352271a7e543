//! `flyball audit`: the trace of a unit, checked and exported.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use flyball::domain::ids::{PrNumber, UnitKey};
use flyball::domain::unit::verify;
use flyball::runtime::read::Reader;

use super::settings::StoreArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check a trace: 0 intact, 1 broken, naming the first bad entry.
    Verify {
        /// A file of JSON lines, or `-` for standard input.
        file: PathBuf,
    },
    /// Print a unit's trace as JSON lines.
    Export {
        /// `owner/repo#number`.
        unit: String,
        #[command(flatten)]
        store: StoreArgs,
    },
}

pub(crate) fn run(command: AuditCommand) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::Verify { file } => check(&file),
        AuditCommand::Export { unit, store } => super::runtime()?.block_on(export(&unit, &store)),
    }
}

fn check(file: &PathBuf) -> anyhow::Result<ExitCode> {
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        text
    } else {
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?
    };
    match verify(text.lines()) {
        Ok(head) => {
            anstream::println!("intact: {} entries, last link {}", head.seq, head.anchor());
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            anstream::println!("broken: {error}");
            Ok(ExitCode::from(1))
        }
    }
}

async fn export(unit: &str, store: &StoreArgs) -> anyhow::Result<ExitCode> {
    let (repo, number) = unit.split_once('#').context("name the unit as owner/repo#number")?;
    let number: u64 = number.parse().context("the number after # is not a number")?;
    let reader = Reader::new(store.open().await?);
    let Some(repo) = reader.find(repo).await? else { bail!("{repo} is not known here") };
    let lines = reader.trace(UnitKey { repo, number: PrNumber(number) }, 1, usize::MAX).await?;
    if lines.is_empty() {
        bail!("{unit} has no trace here");
    }
    for line in lines {
        anstream::println!("{}", String::from_utf8_lossy(&line));
    }
    Ok(ExitCode::SUCCESS)
}
