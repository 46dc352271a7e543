use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::*;
use crate::domain::ids::PrNumber;
use crate::present::testing::hostile;

/// What a reader sees of a line of Markdown, or the first event that is neither words nor code.
fn seen(markdown: &str) -> Result<String, String> {
    let mut words = String::new();
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            other => return Err(format!("{other:?}")),
        }
    }
    Ok(words)
}

/// What GitHub's filters would still find in rendered words.
fn acts(words: &str) -> Option<&'static str> {
    let chars: Vec<char> = words.chars().collect();
    let hit = |first: char, then: fn(char) -> bool| chars.windows(2).any(|two| two[0] == first && then(two[1]));
    let lower = words.to_lowercase();
    if hit('@', char::is_alphanumeric) {
        Some("a mention")
    } else if hit('#', |c| c.is_ascii_digit()) {
        Some("a reference")
    } else if ["http://", "https://", "www.", "<!--"].iter().any(|sign| lower.contains(sign)) {
        Some("an address or a marker")
    } else if (0..10).any(|digit| lower.contains(&format!("gh-{digit}"))) {
        Some("a GH- reference")
    } else {
        None
    }
}

#[test]
fn hostile_text_renders_as_its_words_and_nothing_else() {
    for text in &hostile() {
        let safe = defuse(text, 300);
        let words = seen(&safe).unwrap_or_else(|event| panic!("{text:?} became {safe:?}, which holds {event}"));
        assert_eq!(acts(&words), None, "{text:?} became {safe:?}");
        assert!(!safe.contains('\n') && !safe.contains("<!--") && !safe.starts_with('/'), "{safe:?}");
    }
}

#[test]
fn words_stay_readable() {
    let cases = [
        ("Add a retry to the client", "Add a retry to the client"),
        ("  two\r\n lines  ", "two lines"),
        ("snake_case and C++ stay", "snake_case and C++ stay"),
        ("feat(api)!: x.y", "feat(api)!: x.y"),
        ("a < b", "a \\< b"),
        ("@alice", "@\u{200b}alice"),
        ("Fixes #1", "Fixes #\u{200b}1"),
        ("/confirm", "\\/confirm"),
        ("www.evil.com", "www\u{200b}.evil.com"),
        // A backslash that only disarms is not read: what it stands in is found all the same.
        ("www\\.evil.com", "www\u{200b}\\.evil.com"),
        ("GH\\-12", "GH\\-\u{200b}12"),
        ("https:\\//evil.com", "https:\u{200b}\\//evil.com"),
    ];
    for (text, expected) in cases {
        assert_eq!(defuse(text, 300), expected, "{text}");
    }
}

#[test]
fn long_text_is_cut_with_a_mark() {
    assert_eq!(defuse("abcdefghij", 5), "abcd…");
    assert_eq!(plain("abcd     \n   e", 6), "abcd e");
    assert_eq!(plain("é".repeat(10).as_str(), 3), "éé…");
}

#[test]
fn code_survives_backticks_bars_and_markers() {
    let cases = [
        ("a.rs", "`a.rs`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("", "(none)"),
        ("<!-- flyball:unit -->", "`<\u{200b}!-- flyball:unit -->`"),
    ];
    for (text, expected) in cases {
        assert_eq!(code(text, 100), expected, "{text}");
    }
    assert_eq!(cell("`a|b` \\| c"), "`a\\|b` \\| c");
}

#[test]
fn sentences_keep_code_and_links_to_units_that_the_brief_names() {
    let prose = Prose::knowing([PrNumber(12), PrNumber(7)]);
    let cases = [
        ("`test` passes; #12 lands first", "`test` passes; #12 lands first"),
        ("(#12), #7.", "(#12), #7."),
        ("#12 lands first", "#12 lands first"),
        ("see #13", "see #\u{200b}13"),
        ("fixes #12", "fixes #\u{200b}12"),
        ("Closes: #12", "Closes: #\u{200b}12"),
        ("other/repo#12", "other/repo#\u{200b}12"),
        ("#123 and #12x", "#\u{200b}123 and #\u{200b}12x"),
        ("`@everyone` @everyone", "`@everyone` @\u{200b}everyone"),
        ("one ` only", "one \\` only"),
        ("evil/repo\\#12", "evil/repo\\#\u{200b}12"),
    ];
    for (text, expected) in cases {
        assert_eq!(prose.say(text, 300), expected, "{text}");
    }
}

fn nasty() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "@", "#", "1", "a", "`", "``", "\\", "<", "!--", "-->", "[", "](", ")", "http", "https", "://", "www", ".",
        "GH-", "GH", "//", "\n", " ", "*", "_", "~", "|", "-", "+", ">", "&#64;", "/", "\u{200b}", "\u{202e}", "é",
        "$", "fixes ", ":",
    ]);
    prop_oneof![prop::collection::vec(sign, 0..24).prop_map(|signs| signs.concat()), any::<String>()]
}

proptest! {
    #[test]
    fn whatever_comes_in_goes_out_inert(text in nasty()) {
        let safe = defuse(&text, 10_000);
        let words = seen(&safe);
        prop_assert!(words.is_ok(), "{safe:?}: {words:?}");
        prop_assert_eq!(acts(&words.unwrap_or_default()), None, "{:?}", safe);
        prop_assert!(!safe.contains("<!--") && !safe.contains('\n'));
    }

    #[test]
    fn escaping_twice_changes_nothing(text in nasty()) {
        let once = defuse(&text, 10_000);
        prop_assert_eq!(defuse(&once, 10_000), once);
    }

    #[test]
    fn sentences_hold_no_mention_outside_of_code(text in nasty()) {
        let said = Prose::knowing([PrNumber(1)]).say(&text, 10_000);
        let mut words = String::new();
        for event in Parser::new_ext(&said, Options::all()) {
            match event {
                Event::Text(text) => words.push_str(&text),
                Event::Code(_) => words.push(' '),
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                other => prop_assert!(false, "{said:?} holds {other:?}"),
            }
        }
        let mention = words.split('@').skip(1).any(|after| after.starts_with(char::is_alphanumeric));
        prop_assert!(!mention && !said.contains("<!--"), "{said:?}");
    }

    #[test]
    fn code_is_one_span_of_code(text in nasty()) {
        let span = code(&text, 10_000);
        let events: Vec<_> = Parser::new_ext(&span, Options::all()).collect();
        let is_code = span == "(none)" || matches!(events.as_slice(), [Event::Start(_), Event::Code(_), Event::End(_)]);
        prop_assert!(is_code && !span.contains("<!--"), "{span:?}: {events:?}");
    }
}
