//! The table of `status` and `watch`: unit, standing, why, whose move, since.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};
use flyball::domain::ids::Timestamp;
use flyball::domain::unit::Standing;
use flyball::present::text::plain;
use flyball::present::unit_view::UnitView;

use super::Rows;

/// The longest text of a cell: the rest is in `flyball unit`.
const CELL: usize = 160;

/// The units of these repositories; a sentence where there is none.
pub(super) fn of(rows: &[Rows], width: Option<u16>) -> String {
    let known = match rows {
        [] => return "The server knows no repository yet: install the App on one.".to_owned(),
        [one] => one.repository.clone(),
        several => format!("{} repositories", several.len()),
    };
    let count: usize = rows.iter().map(|rows| rows.units.len()).sum();
    if count == 0 {
        return format!("No pull request is open in {known}.");
    }
    let mut table = fitted(width);
    table.load_style(NOTHING);
    let heads = ["unit", "standing", "why", "whose move", "since (UTC)"];
    table.set_header(heads.map(|head| Cell::new(head).add_attribute(Attribute::Bold)));
    for rows in rows {
        for unit in &rows.units {
            table.add_row(row(&rows.repository, unit));
        }
    }
    table.to_string()
}

/// A table that fits. Its colours are always in it: what prints it leaves them out where they do not belong.
pub(super) fn fitted(width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Dynamic).enforce_styling();
    if let Some(width) = width {
        table.set_width(width);
    }
    table
}

fn row(repository: &str, unit: &UnitView) -> Vec<Cell> {
    let why = unit.reasons.first().map_or("", |reason| reason.text.as_str());
    let next = unit.next_move.as_ref();
    let whose = next.map_or_else(String::new, |next| format!("{}: {}", next.who, next.what));
    vec![
        Cell::new(format!("{repository}#{}", unit.number)),
        Cell::new(unit.standing.words()).fg(colour(unit.standing)),
        Cell::new(plain(why, CELL)),
        Cell::new(plain(&whose, CELL)),
        Cell::new(minute(unit.since)).set_alignment(CellAlignment::Right),
    ]
}

/// Which colour says it too; the words say it first.
pub(super) const fn colour(standing: Standing) -> Color {
    match standing {
        Standing::Blocked | Standing::RolledBack => Color::Red,
        Standing::AwaitingJudgment => Color::Yellow,
        Standing::Cleared | Standing::Landing | Standing::Landed => Color::Green,
        Standing::Gathering => Color::Cyan,
        Standing::Draft | Standing::Withdrawn => Color::DarkGrey,
    }
}

/// To the minute.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}
