//! The front page: repositories.

use maud::{Markup, html};

use super::layout;
use crate::runtime::read::Known;

/// Every repository that was ever seen.
pub(super) fn page(known: &[Known]) -> Markup {
    let content = html! {
        h1 { "Repositories" }
        @if known.is_empty() {
            p { "None yet. Install the App on a repository and open a pull request: it appears here." }
        } @else {
            ul { @for repo in known { li { a href={ "/" (repo.full_name) } { (repo.full_name) } } } }
        }
        p.soft { a href="/doctor" { "Doctor" } " says whether everything is set up right." }
    };
    layout::page("Repositories", &[], &content)
}
