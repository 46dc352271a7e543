//! Filters as plain links: what is asked for stands in the address, each link changes one thing of it.

use maud::{Markup, html};
use serde::Deserialize;

use crate::domain::unit::{Brief, Standing};
use crate::present::mover::{Filter, Mover};

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    standing: Option<String>,
    author: Option<String>,
    #[serde(rename = "move")]
    mover: Option<String>,
    /// Which page of the list, from 1.
    page: Option<usize>,
}

impl Asked {
    /// The filter; what is empty does not narrow.
    pub(super) fn filter(&self) -> Filter {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        Filter { standing: given(&self.standing), author: given(&self.author), mover: given(&self.mover) }
    }

    /// Which page of the list, from 0.
    pub(super) fn page(&self) -> usize {
        self.page.unwrap_or(1).max(1) - 1
    }

    /// The address of a page of the list under the same filter, from 0.
    pub(super) fn at_page(&self, page: usize) -> String {
        address(&self.filter(), page)
    }
}

fn address(filter: &Filter, page: usize) -> String {
    let page = (page > 0).then(|| (page + 1).to_string());
    let pairs = [("standing", &filter.standing), ("author", &filter.author), ("move", &filter.mover), ("page", &page)];
    let given: Vec<(&str, &str)> =
        pairs.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect();
    // Pairs of text always have a form; without one the link leads to the unfiltered list.
    format!("?{}", serde_urlencoded::to_string(given).unwrap_or_default())
}

/// The links, with how many units each leads to.
pub(super) fn links(asked: &Asked, open: &[Brief]) -> Markup {
    let filter = asked.filter();
    let standings = [
        Standing::AwaitingJudgment,
        Standing::Blocked,
        Standing::Gathering,
        Standing::Cleared,
        Standing::Landing,
        Standing::Draft,
    ];
    let standings = standings.map(|standing| (standing.code(), standing.words()));
    let authors = [("human", "people"), ("agent", "agents"), ("bot", "bots"), ("app", "Apps")];
    let movers = Mover::ALL.map(|mover| (mover.code(), mover.words()));
    html! {
        nav.filters aria-label="Filters" {
            (group("Whose move", &filter, open, &movers, |filter, value| filter.mover = value, |filter| &filter.mover))
            (group("Standing", &filter, open, &standings, |filter, value| filter.standing = value, |filter| &filter.standing))
            (group("Author", &filter, open, &authors, |filter, value| filter.author = value, |filter| &filter.author))
        }
    }
}

fn group(
    name: &str,
    filter: &Filter,
    open: &[Brief],
    choices: &[(&str, &str)],
    set: impl Fn(&mut Filter, Option<String>),
    get: impl Fn(&Filter) -> &Option<String>,
) -> Markup {
    let with = |value: Option<&str>| {
        let mut changed = filter.clone();
        set(&mut changed, value.map(str::to_owned));
        changed
    };
    let chosen = get(filter).as_deref();
    let link = |value: Option<&str>, words: &str| {
        let to = with(value);
        let count = open.iter().filter(|brief| to.lets(brief)).count();
        let here = chosen == value;
        html! {
            @if count > 0 || here {
                a href=(address(&to, 0)) aria-current=[here.then_some("true")] { (words) " " span.soft { (count) } }
            }
        }
    };
    let offered = choices.iter().filter(|(value, _)| open.iter().any(|brief| with(Some(value)).lets(brief))).count();
    html! {
        // One that lets everything through is no choice.
        @if offered > 1 || chosen.is_some() { div { span.soft { (name) } (link(None, "all")) @for (value, words) in choices { (link(Some(value), words)) } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_asks_for_is_found_in_its_links_again() {
        let asked = Asked { standing: Some("a&b".into()), author: Some(String::new()), mover: None, page: Some(0) };
        assert_eq!(
            (asked.page(), asked.at_page(0), asked.at_page(2)),
            (0, "?standing=a%26b".into(), "?standing=a%26b&page=3".into())
        );
        assert_eq!(asked.filter().author, None);
    }
}
