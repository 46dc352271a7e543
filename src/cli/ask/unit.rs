//! `flyball unit`: the brief of one unit, for people.

use std::process::ExitCode;

use clap::Args;
use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, ColumnConstraint, Width};
use flyball::client::UnitName;
use flyball::present::agent;
use flyball::present::unit_view::UnitView;

use super::{OutputArgs, ServerArgs, table};

/// Settings of `flyball unit`.
#[derive(Debug, Args)]
pub(crate) struct UnitArgs {
    /// The unit, as owner/repo#number; in quotes, since # begins a comment in some shells.
    unit: UnitName,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Asks for it and shows it.
pub(super) async fn show(args: &UnitArgs) -> anyhow::Result<ExitCode> {
    let unit = args.server.api()?.unit(&args.unit.repo, args.unit.number).await?;
    if args.output.json {
        anstream::println!("{}", serde_json::to_string_pretty(&unit)?);
    } else {
        anstream::println!("{}", text(&args.unit, &unit, args.output.width));
    }
    Ok(ExitCode::SUCCESS)
}

/// What it answers on the left, the answers on the right.
fn text(name: &UnitName, unit: &UnitView, width: Option<u16>) -> String {
    let mut table = table::fitted(width);
    table.load_style(NOTHING);
    let standing = Cell::new(unit.standing.words()).fg(table::colour(unit.standing)).add_attribute(Attribute::Bold);
    table.add_row([Cell::new(name).add_attribute(Attribute::Bold), standing]);
    for section in agent::sections(unit) {
        table.add_row([Cell::new(section.heading).add_attribute(Attribute::Bold), Cell::new(section.lines.join("\n"))]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(32)));
    }
    table.to_string()
}
