//! `Depends-On` lines in bodies and commit messages.
//!
//! Spellings: `Depends-On: #12`, `owner/repo#12`, a pull request's address; several in a line with commas, spaces or "and"; the key in any
//! case, also as an item of a list. Quotes, code and comments of a template do not count.

use super::Reference;
use crate::domain::ids::PrNumber;

/// What a text declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The references, in order, each once.
    pub needs: Vec<Reference>,
    /// What stands on a `Depends-On` line and is no reference.
    pub unread: Vec<String>,
}

/// More references than this in one text are not dependencies but a list; the rest is unread.
const AT_MOST: usize = 50;

/// Reads the dependencies that a text declares.
#[must_use]
pub fn declared(text: &str) -> Declared {
    let mut declared = Declared::default();
    let visible = without_comments(text);
    let mut fence: Option<&str> = None;
    for line in visible.lines() {
        let trimmed = line.trim_start();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark)) {
            match fence {
                Some(open) if open == mark => fence = None,
                Some(_) => {}
                None => fence = Some(mark),
            }
            continue;
        }
        let is_code = fence.is_some() || line.starts_with("    ") || line.starts_with('\t');
        if !is_code && let Some(value) = value_of(trimmed) {
            read(value, &mut declared);
        }
    }
    declared
}

/// What follows the key, where the line is one.
fn value_of(line: &str) -> Option<&str> {
    let item = line.strip_prefix(['-', '*', '+']).filter(|rest| rest.starts_with(' '));
    let line = item.map_or(line, str::trim_start);
    let line = line.trim_start_matches("**");
    let (key, value) = line.split_once(':')?;
    let key = key.trim_end_matches("**").trim();
    (key.eq_ignore_ascii_case("depends-on") || key.eq_ignore_ascii_case("depends on"))
        .then(|| value.trim_start_matches("**"))
}

fn read(value: &str, declared: &mut Declared) {
    for word in value.split(|c: char| c.is_whitespace() || c == ',' || c == ';') {
        let word = word.trim_matches(['(', ')', '<', '>', '[', ']', '`', '.']);
        if word.is_empty() || word.eq_ignore_ascii_case("and") || word == "&" {
            continue;
        }
        match reference(word).filter(|_| declared.needs.len() < AT_MOST) {
            Some(found) if declared.needs.contains(&found) => {}
            Some(found) => declared.needs.push(found),
            None if declared.unread.len() < AT_MOST => declared.unread.push(word.chars().take(200).collect()),
            None => {}
        }
    }
}

fn reference(word: &str) -> Option<Reference> {
    if let Some(address) = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://")) {
        return address_reference(address);
    }
    let (repo, number) = word.split_once('#')?;
    let repo = if repo.is_empty() { None } else { Some(full_name(repo)?) };
    Some(Reference { repo, number: pr_number(number)? })
}

/// `host/owner/repo/pull/12`, with anything behind the number.
fn address_reference(address: &str) -> Option<Reference> {
    let mut parts = address.split(['/', '#', '?']);
    let (_host, owner, name) = (parts.next()?, parts.next()?, parts.next()?);
    let is_pull = matches!(parts.next()?, "pull" | "pulls");
    let number = pr_number(parts.next()?)?;
    is_pull.then_some(())?;
    Some(Reference { repo: Some(full_name(&format!("{owner}/{name}"))?), number })
}

fn full_name(text: &str) -> Option<String> {
    let (owner, name) = text.split_once('/')?;
    let plausible = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    (plausible(owner) && plausible(name) && text.len() <= 200).then(|| text.to_owned())
}

fn pr_number(text: &str) -> Option<PrNumber> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|number| *number > 0).map(PrNumber)
}

/// Takes out `<!-- … -->`; one that is never closed hides the rest, as it does on GitHub.
fn without_comments(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("<!--") {
        visible.push_str(before);
        rest = inside.split_once("-->").map_or("", |(_, after)| after);
    }
    visible.push_str(rest);
    visible
}
