//! The set-up's pages: plain HTML that works without a script.

use maud::{Markup, html};

use super::Wish;
use super::desk::{Begun, Installable, Trouble};
use crate::web::pages::layout;

fn page(content: &Markup) -> Markup {
    layout::page("Set-up", &[("Set-up", "/setup".to_owned())], content)
}

/// Asks who is there.
pub(super) fn token(why: Option<&str>) -> Markup {
    page(&html! {
        h1 { "Set this server up" }
        p { "It has no GitHub App yet. The server printed a link with a token when it started; open that link, or give the token here." }
        (refusal(why))
        form.stack method="post" action="/setup" {
            label { "Token" input type="password" name="token" autocomplete="off" required; }
            p { button { "Go on" } }
        }
    })
}

/// Asks whose App it will be and where GitHub reaches it.
pub(super) fn wish(wish: &Wish, why: Option<&str>) -> Markup {
    page(&html! {
        h1 { "Register the GitHub App" }
        p { "Two questions, then GitHub shows you what the App asks for. Nothing is made before you agree there." }
        (refusal(why))
        form.stack method="post" action="/setup" {
            input type="hidden" name="token" value=(wish.token);
            label { "Address of this server on the internet"
                input type="url" name="address" value=(wish.address) required placeholder="https://flyball.example.com" autocomplete="off"; }
            p.soft { "GitHub delivers to " code { "/webhooks/github" } " below it. Behind a proxy or a tunnel it is the address of that." }
            label { "Organisation" input name="organization" value=(wish.organization) placeholder="none: your own account" autocomplete="off" autocapitalize="none"; }
            p.soft { "Whose App it will be. Leave it empty for your own account; you can only install it on repositories of its owner." }
            p { button { "Go on" } }
        }
    })
}

/// Leads to GitHub.
pub(super) fn begun(begun: &Begun) -> Markup {
    let granted = begun.manifest["default_permissions"].as_object();
    let owner = if begun.organization.is_empty() { "your own account" } else { begun.organization.as_str() };
    page(&html! {
        h1 { "Register the GitHub App" }
        dl {
            dt { "Owner" } dd { (owner) }
            dt { "Deliveries go to" } dd { code { (begun.manifest["hook_attributes"]["url"].as_str().unwrap_or_default()) } }
            dt { "Then you come back to" } dd { code { (begun.manifest["redirect_url"].as_str().unwrap_or_default()) } }
        }
        form.stack method="post" action=(begun.action) {
            input type="hidden" name="manifest" value=(begun.manifest);
            p { button { "Register on GitHub" } }
        }
        p.soft { "Within an hour. GitHub lets you change the name; names of Apps are unique on all of GitHub." }
        details {
            summary { "What it asks for" }
            ul { @for (name, level) in granted.into_iter().flatten() { li { (name.replace('_', " ")) ": " (level.as_str().unwrap_or_default()) } } }
        }
    })
}

/// Says that it is done and what comes next.
pub(super) fn finished(installable: &Installable) -> Markup {
    page(&html! {
        h1 { "The App is registered" }
        @match &installable.held_up {
            None => p { "Its credentials are stored, and this server works with them from now on: nothing has to be restarted." },
            Some(why) => p.card { "Its credentials are stored, but this server does not work with them yet: " (why) ". Look at its log, and restart it if that says nothing else." },
        }
        p { a.button href=(installable.install_url) { "Install " (installable.slug) " on a repository" } }
        p { "Then open a pull request there: its check " code { "flyball" } " appears within seconds. Require that check in the protection of the default branch." }
        p { a href="/doctor" { "Doctor" } " looks at whether everything is as it has to be." }
    })
}

/// Says what went wrong and what to do.
pub(super) fn trouble(trouble: &Trouble) -> Markup {
    page(&html! {
        h1 { "The App is not set up" }
        (refusal(Some(&trouble.to_string())))
        p { (trouble.next()) }
    })
}

/// `/setup` of a server that has its credentials.
pub(super) async fn closed() -> Markup {
    page(&html! {
        h1 { "Already set up" }
        p { "This server has its App credentials." }
    })
}

fn refusal(why: Option<&str>) -> Markup {
    html! { @if let Some(why) = why { p.card role="alert" { (why) } } }
}
