//! Our sentences on a page: what stands in backticks is shown as code.

use maud::{Markup, html};

use crate::present::text::code_span;

/// A sentence; everything in it is escaped.
pub(in crate::web) fn prose(sentence: &str) -> Markup {
    match code_span(sentence) {
        Some((before, inner, after)) => html! { (before) code { (inner) } (prose(after)) },
        None => html! { (sentence) },
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
}
