//! Our sentences on a page: what stands in backticks is shown as code, a unit that the page knows is a link.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::domain::ids::PrNumber;
use crate::present::text::code_span;

/// A sentence; everything in it is escaped.
pub(in crate::web) fn prose(sentence: &str) -> Markup {
    Names::default().say(sentence)
}

/// The units of a repository that sentences may lead to.
#[derive(Debug, Default)]
pub(super) struct Names {
    full_name: String,
    known: BTreeSet<u64>,
}

impl Names {
    /// Leads to these.
    pub(super) fn new(full_name: &str, known: impl IntoIterator<Item = PrNumber>) -> Self {
        Self { full_name: full_name.to_owned(), known: known.into_iter().map(|number| number.0).collect() }
    }

    /// A sentence; everything in it is escaped.
    pub(super) fn say(&self, sentence: &str) -> Markup {
        match code_span(sentence) {
            Some((before, inner, after)) => html! { (self.link(before)) code { (inner) } (self.say(after)) },
            None => self.link(sentence),
        }
    }

    /// Text without code, with its references.
    fn link(&self, text: &str) -> Markup {
        let found = text.match_indices('#').find_map(|(at, _)| {
            let digits = text[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let number = text[at + 1..at + 1 + digits].parse::<u64>().ok()?;
            // `owner/repo#12` is a unit of another repository.
            let alone =
                !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '&'));
            (alone && self.known.contains(&number)).then_some((at, at + 1 + digits, number))
        });
        match found {
            Some((start, end, number)) => html! {
                (text[..start])
                a href={ "/" (self.full_name) "/" (number) } { (text[start..end]) }
                (self.link(&text[end..]))
            },
            None => html! { (text) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_code_and_stay_escaped() {
        assert_eq!(
            prose("`a<b>` on `main`, <i>").into_string(),
            "<code>a&lt;b&gt;</code> on <code>main</code>, &lt;i&gt;"
        );
        assert_eq!(prose("one ` alone").into_string(), "one ` alone");
    }

    #[test]
    fn only_units_that_are_known_here_are_links() {
        let names = Names::new("acme/shop", [PrNumber(12)]);
        let cases = [
            ("#12 lands first.", r#"<a href="/acme/shop/12">#12</a> lands first."#),
            ("#13 and (#12)", r#"#13 and (<a href="/acme/shop/12">#12</a>)"#),
            ("acme/other#12, `#12`, &#12; #123 #", "acme/other#12, <code>#12</code>, &amp;#12; #123 #"),
        ];
        for (text, expected) in cases {
            assert_eq!(names.say(text).into_string(), expected);
        }
    }
}
