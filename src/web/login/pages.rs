//! What a login shows.

use http::StatusCode;
use maud::{Markup, html};
use url::form_urlencoded;

use super::routes::Trouble;
use crate::github::Person;
use crate::web::pages::layout;

/// Nobody is signed in.
pub(super) fn sign_in(next: &str) -> Markup {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    let content = html! {
        h1 { "Sign in" }
        p { "You see the repositories that you can read on GitHub and that Flyball is installed on. What you decide here is said under your GitHub login." }
        p { a.button href={ "/login/github?" (query) } { "Sign in with GitHub" } }
    };
    layout::full("Sign in", &[], None, &content)
}

/// Somebody is.
pub(super) fn signed_in(person: &Person, form: &str) -> Markup {
    let content = html! {
        h1 { "Signed in" }
        p { "You are " strong { (person.login) } " on GitHub." }
        form method="post" action="/logout" {
            input type="hidden" name="form" value=(form);
            button { "Sign out" }
        }
        p { a href="/" { "All repositories" } }
    };
    layout::full("Signed in", &[], None, &content)
}

/// There is no login here.
pub(super) fn none() -> Markup {
    let content = html! {
        h1 { "No login" }
        p { "This server has no login: it shows everything, and to this machine only." }
        p { "With " code { "FLYBALL_CLIENT_ID" } " and " code { "FLYBALL_CLIENT_SECRET" } ", or once the App was registered at " code { "/setup" } ", people sign in with GitHub, see what they can read there, and decide from the page of a unit." }
    };
    layout::full("No login", &[], None, &content)
}

/// It did not come to a login.
pub(super) fn trouble(trouble: &Trouble, status: StatusCode) -> (StatusCode, Markup) {
    let content = html! {
        h1 { "Not signed in" }
        p { (trouble) }
        p { a.button href="/login" { "Begin again" } }
    };
    (status, layout::full("Not signed in", &[], None, &content))
}
