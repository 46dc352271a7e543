//! Hostile text made harmless for GitHub's Markdown (DESIGN, section 10; FACTS K10).
//!
//! GitHub looks for mentions, issue references and addresses in the *rendered* text, so a backslash does not stop them: an invisible
//! break does. Markup is stopped by backslashes. Whatever comes out is one line that renders as the words that went in, notifies
//! nobody, links nothing and holds no hidden marker. Escaping for HTML pages is the page's own business.

use std::collections::BTreeSet;

use crate::domain::unit::Brief;

#[cfg(test)]
mod tests;

/// Stands between a sign and what it would act on; not shown.
const BREAK: char = '\u{200b}';

/// Words that would close an issue when a reference follows.
const CLOSING: [&str; 9] = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

/// Foreign text as inert Markdown in one line of at most `cap` characters before escaping. Nothing in it links, not even to our units.
#[must_use]
pub fn defuse(text: &str, cap: usize) -> String {
    escape(&plain(text, cap), &BTreeSet::new(), true)
}

/// Foreign text as a code span: paths, names of checks, branches. At most `cap` characters.
#[must_use]
pub fn code(text: &str, cap: usize) -> String {
    let inner = plain(text, cap).replace("<!", &format!("<{BREAK}!"));
    if inner.is_empty() {
        return "(none)".to_owned();
    }
    let fence = "`".repeat(longest_run(&inner, '`') + 1);
    let pad = if inner.starts_with('`') || inner.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{inner}{pad}{fence}")
}

/// A composed piece of Markdown as a table cell: its bars no longer part columns.
#[must_use]
pub fn cell(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut escaped = false;
    for c in markdown.chars() {
        if c == '|' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// Text in one line of at most `cap` characters, without control characters and without those that hide or reorder what is read.
#[must_use]
pub fn plain(text: &str, cap: usize) -> String {
    let visible = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_hidden(*c));
    // Only so much is looked at: a description may be long, and the rest would be cut off anyway.
    let seen: String = visible.take(cap.saturating_mul(4).saturating_add(64)).collect();
    let line = seen.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= cap {
        return line;
    }
    let cut: String = line.chars().take(cap.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// Control characters, marks that reorder text, characters of no width (our own break among them), and invisible tags.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn longest_run(text: &str, mark: char) -> usize {
    text.split(|c| c != mark).map(str::len).max().unwrap_or(0)
}

/// How sentences of ours become Markdown: names in backticks stay code, references to units that the brief names stay links, and all
/// else is as inert as foreign text, since a sentence may repeat what somebody wrote.
#[derive(Debug, Clone, Default)]
pub struct Prose {
    known: BTreeSet<String>,
}

impl Prose {
    /// Knows the units that these briefs name.
    #[must_use]
    pub fn of(briefs: &[Brief]) -> Self {
        let mut known = BTreeSet::new();
        for brief in briefs {
            known.insert(format!("#{}", brief.number));
            known.extend(brief.conflicts.iter().filter_map(|conflict| conflict.with).map(|with| format!("#{with}")));
            known.extend(brief.reverts.iter().chain(&brief.after_landing).map(|number| format!("#{number}")));
            known.extend(brief.depends_on.iter().chain(&brief.dependents).map(|view| view.unit.clone()));
        }
        Self { known }
    }

    /// Knows these numbers of the same repository.
    #[must_use]
    pub fn knowing(numbers: impl IntoIterator<Item = crate::domain::ids::PrNumber>) -> Self {
        Self { known: numbers.into_iter().map(|number| format!("#{number}")).collect() }
    }

    /// A sentence of ours as Markdown, in one line of at most `cap` characters before escaping.
    #[must_use]
    pub fn say(&self, sentence: &str, cap: usize) -> String {
        let line = plain(sentence, cap);
        let mut out = String::with_capacity(line.len() + 16);
        let mut rest = line.as_str();
        while let Some((before, inner, after)) = code_span(rest) {
            out.push_str(&escape(before, &self.known, out.is_empty()));
            out.push_str(&code(inner, cap));
            rest = after;
        }
        out.push_str(&escape(rest, &self.known, out.is_empty()));
        out
    }
}

/// The first pair of single backticks with something between them: (before, inner, after).
#[must_use]
pub fn code_span(text: &str) -> Option<(&str, &str, &str)> {
    let ticks = ticks(text);
    ticks.windows(2).find_map(|pair| {
        let inner = &text[pair[0] + 1..pair[1]];
        (!inner.trim().is_empty()).then(|| (&text[..pair[0]], inner, &text[pair[1] + 1..]))
    })
}

/// Where backticks stand that no backslash disarms.
fn ticks(text: &str) -> Vec<usize> {
    let mut escaped = false;
    text.char_indices()
        .filter_map(|(at, c)| {
            let armed = c == '`' && !escaped;
            escaped = c == '\\' && !escaped;
            armed.then_some(at)
        })
        .collect()
}

/// Escapes one line. A sign that a backslash already disarms gets no second one, so escaping twice changes nothing.
fn escape(line: &str, known: &BTreeSet<String>, starts_line: bool) -> String {
    let mut out = String::with_capacity(line.len() + line.len() / 4);
    // What is read there: without the backslashes that only disarm.
    let mut shown = String::with_capacity(line.len());
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        let (before, after) = (&line[..at], &line[at + c.len_utf8()..]);
        let starts = starts_line && at == 0;
        let dots = !escaped && (c == '.' || c == '\\' && after.starts_with('.'));
        if dots && ends_with_word(&shown, "www") {
            out.push(BREAK);
        }
        if !escaped && (is_markup(c, before, after) || starts && opens_block(c, after)) {
            out.push('\\');
        }
        if !escaped && starts_line && matches!(c, '.' | ')') && before.bytes().all(|b| b.is_ascii_digit()) && at > 0 {
            out.push('\\');
        }
        out.push(c);
        if acts_on_next(c, &shown, after, known) {
            out.push(BREAK);
        }
        escaped = c == '\\' && !escaped && after.starts_with(|next: char| next.is_ascii_punctuation());
        if !escaped {
            shown.push(c);
        }
    }
    out
}

/// Whether Markdown would open a block with this sign at the start of a line; or a reader of commands would see one.
fn opens_block(c: char, after: &str) -> bool {
    match c {
        '#' => after.trim_start_matches('#').chars().next().is_none_or(|next| next == ' '),
        '+' | '-' | '=' | '/' | ':' => true,
        _ => false,
    }
}

/// Whether Markdown would take the sign as markup here.
fn is_markup(c: char, before: &str, after: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' => !after.starts_with(|next: char| next.is_ascii_punctuation()),
        '`' | '*' | '^' | '[' | ']' | '<' | '>' | '|' | '~' | '$' | '&' => true,
        '_' => !(is_word(before.chars().next_back()) && is_word(after.chars().next())),
        _ => false,
    }
}

/// Whether GitHub would read the sign and what follows as a mention, a reference or an address; or a comment would open. `before` is as
/// it is read, without backslashes that disarm.
fn acts_on_next(c: char, before: &str, after: &str, known: &BTreeSet<String>) -> bool {
    let digit_follows = after.starts_with(|next: char| next.is_ascii_digit());
    // A backslash before a slash is not read, and keeps nothing apart.
    let mut follow = after.chars().filter(|next| *next != '\\');
    match c {
        '@' => true,
        '#' => digit_follows && !is_known(before, after, known),
        '-' => digit_follows && ends_with_word(before, "gh"),
        ':' => follow.next() == Some('/') && follow.next() == Some('/'),
        '<' => follow.next() == Some('!'),
        _ => false,
    }
}

fn ends_with_word(before: &str, word: &str) -> bool {
    before.len() >= word.len()
        && before.is_char_boundary(before.len() - word.len())
        && before[before.len() - word.len()..].eq_ignore_ascii_case(word)
}

/// Whether the reference whose `#` stands between these two is to a unit that we name, and no closing keyword stands before it.
fn is_known(before: &str, after: &str, known: &BTreeSet<String>) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unbroken = !after[digits..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let repo = &before[before.trim_end_matches(is_name).len()..];
    let words = before[..before.len() - repo.len()].trim_end_matches(|c: char| !c.is_alphanumeric());
    let last = words.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_ascii_lowercase();
    unbroken && !CLOSING.contains(&last.as_str()) && known.contains(&format!("{repo}#{}", &after[..digits]))
}
