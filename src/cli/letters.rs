//! `flyball parked`: dead letters, with the reason they were given up, and the way back.

use std::process::ExitCode;

use clap::Subcommand;
use flyball::runtime::read::Reader;

use super::settings::StoreArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum ParkedCommand {
    /// List them: partition, id, when, why. Exits 1 if there are any.
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Put one back at the end of its inbox, or all of them.
    Redrive {
        /// Its id, or `all`.
        id: String,
        #[command(flatten)]
        store: StoreArgs,
    },
}

pub(crate) fn run(command: ParkedCommand) -> anyhow::Result<ExitCode> {
    super::runtime()?.block_on(async {
        match command {
            ParkedCommand::List { store } => list(&Reader::new(store.open().await?)).await,
            ParkedCommand::Redrive { id, store } => redrive(&Reader::new(store.open().await?), &id).await,
        }
    })
}

async fn list(reader: &Reader) -> anyhow::Result<ExitCode> {
    let letters = reader.dead_letters().await?;
    for (partition, letter) in &letters {
        anstream::println!("{partition}  {}  {}  {}", letter.id, letter.at, letter.reason);
    }
    Ok(if letters.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn redrive(reader: &Reader, id: &str) -> anyhow::Result<ExitCode> {
    let letters = reader.dead_letters().await?;
    let chosen = letters.iter().map(|(_, letter)| &letter.id).filter(|known| id == "all" || *known == id);
    let mut count = 0;
    for known in chosen {
        count += usize::from(reader.redrive(known).await?);
    }
    anstream::println!("{count} put back");
    Ok(if count == 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
