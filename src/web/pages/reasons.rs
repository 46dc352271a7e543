//! The reason codes, as documented.

use maud::{Markup, html};

use super::layout;
use super::prose::prose;
use crate::present::reasons::meanings;

/// The page.
pub(super) async fn page() -> Markup {
    let content = html! {
        h1 { "Reason codes" }
        p { "Why a unit does not land, and what may be wrong after it has. Each code keeps its meaning, in checks, comments, the API and here." }
        dl.reasons { @for row in meanings() {
            dt id=(row.code) { code { (row.code) } }
            dd {
                p { (prose(row.meaning)) }
                p.soft { @if row.who == "person" { "A person must act. " } @else { "Time will clear it. " } (prose(row.next)) }
            }
        } }
    };
    layout::full("Reason codes", &[("Reason codes", "/reasons".to_owned())], None, &content)
}
