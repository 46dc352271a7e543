//! Whole documents with hostile text in every place that strangers can shape, read by a real Markdown parser.
//!
//! A document is compared with the same one that holds a harmless word instead: it must have the same structure (blocks, links, images,
//! HTML), and GitHub's filters must find no mention, reference, address or closing keyword in it that the harmless one has not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;
use serde_json::Value;

use crate::domain::govern::{self, Conclusion};
use crate::domain::ids::PrNumber;
use crate::domain::policy::file::Lesson;
use crate::domain::unit::{Brief, ReasonCode};
use crate::present::testing::{conflict, decision, dependency, evidence, for_reason, hostile, noon};
use crate::present::text::plain;
use crate::present::{check, comment, policy, reply};

const PAGES: Option<&str> = Some("https://flyball.example/");
/// Strangers shape none of these: GitHub restricts names of repositories, and a unit is written by us from a repository and a number.
const OURS: [&str; 2] = ["repo", "unit"];

/// A brief with something in every list.
fn full(code: ReasonCode) -> Brief {
    let mut unit = for_reason(code);
    unit.conflicts.push(conflict(12, "textual"));
    unit.depends_on.push(dependency("#12", "open"));
    unit.dependents.push(dependency("acme/other#3", "open"));
    unit.evidence.push(evidence("lint", "failing"));
    unit.decisions.push(decision("refuse", "carol", Some("it is superseded")));
    for list in [&mut unit.changed, &mut unit.would_break, &mut unit.uncertain, &mut unit.policy_changes] {
        list.push("something".to_owned());
    }
    unit
}

/// The places of free text below `value`, as pointers.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(place, one)| texts(one, &format!("{at}/{place}"), found));
        }
        Value::Object(map) => {
            for (name, one) in map.iter().filter(|(name, _)| !OURS.contains(&name.as_str())) {
                texts(one, &format!("{at}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The places that take any text: the others are times, hashes and words of ours.
fn free(brief: &Brief) -> Vec<String> {
    let whole = serde_json::to_value(brief).unwrap();
    let mut all = Vec::new();
    texts(&whole, "", &mut all);
    all.retain(|place| with(brief, std::slice::from_ref(place), "any text").is_some());
    all
}

fn with(brief: &Brief, places: &[String], text: &str) -> Option<Brief> {
    let mut whole = serde_json::to_value(brief).unwrap();
    for place in places {
        *whole.pointer_mut(place).unwrap() = text.into();
    }
    serde_json::from_value(whole).ok()
}

/// Every document that is written for this brief, and those that repeat `text` beside it.
fn documents(brief: &Brief, text: &str) -> Vec<(&'static str, String)> {
    let doc = check(std::slice::from_ref(brief), "7:x", Some(Conclusion::ActionRequired), PAGES).unwrap();
    let lesson = Lesson { name: text.into(), why: Some(text.into()), ..Lesson::default() };
    vec![
        ("comment", comment::sticky(brief, PAGES)),
        ("check summary", doc.summary),
        ("check text", doc.text),
        ("why", reply::why(brief, PAGES, "1")),
        ("refusal", reply::refusal(text, text, "1")),
        ("note", reply::note(text, &[PrNumber(12)], "1")),
        ("mention", policy::mention(&["@carol".to_owned()], brief, text, noon(), "1")),
        ("lesson", policy::lesson(&lesson, "acme/widgets#14", text)),
        ("forgotten", policy::forgotten(text, "acme/widgets#14", text)),
        ("revert", policy::revert("acme/widgets#14", text, text)),
    ]
}

/// What GitHub would make of a document: its structure, and what its filters would act on in the words between.
fn read(markdown: &str) -> (Vec<String>, BTreeSet<String>) {
    static ACTS: LazyLock<Regex> = LazyLock::new(|| {
        let closing = r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+\S*#\d+";
        Regex::new(&format!(r"(?i){closing}|@\w+|[\w./-]*#\d+|\bgh-\d+|\w+://\S*|\bwww\.\w|\S+@\w+\.\w+")).unwrap()
    });
    let mut structure = Vec::new();
    let mut words = String::new();
    let mut in_block = false;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Text(text) if !in_block => words.push_str(&text),
            Event::Text(_) | Event::SoftBreak => {}
            Event::Code(_) => words.push(' '),
            other => {
                match &other {
                    Event::Start(Tag::CodeBlock(_)) => in_block = true,
                    Event::End(TagEnd::CodeBlock) => in_block = false,
                    _ => {}
                }
                words.push('\n');
                structure.push(format!("{other:?}"));
            }
        }
    }
    (structure, ACTS.find_iter(&words).map(|found| found.as_str().to_owned()).collect())
}

/// A document as far as it is compared.
struct Read {
    structure: Vec<String>,
    acts: BTreeSet<String>,
    /// In comments: how often one of our markers could begin. In a description nobody looks for them.
    markers: usize,
    commands: Vec<govern::Command>,
}

fn seen(what: &str, markdown: &str) -> Read {
    let (structure, acts) = read(markdown);
    let markers = if ["lesson", "check text"].contains(&what) { 0 } else { markdown.matches("<!--").count() };
    Read { structure, acts, markers, commands: govern::commands(markdown, noon()) }
}

/// What differs between a document with hostile text and the harmless one, if anything does.
fn differs(found: &Read, harmless: &Read) -> Option<String> {
    if found.structure != harmless.structure {
        let first = found.structure.iter().zip(&harmless.structure).find(|(found, expected)| found != expected);
        return Some(format!("is {first:?}, {} parts for {}", found.structure.len(), harmless.structure.len()));
    }
    if let Some(act) = found.acts.difference(&harmless.acts).next() {
        return Some(format!("does {act}"));
    }
    if found.markers != harmless.markers {
        return Some("holds another marker".to_owned());
    }
    (found.commands != harmless.commands).then(|| "says a command".to_owned())
}

/// Each text meets every sixth reason, each reason every sixth text.
const SHARE: usize = 6;

#[test]
fn no_hostile_text_changes_what_a_document_is_or_does() {
    let corpus = hostile();
    let (mut tried, mut wrong) = (0, BTreeMap::new());
    for (turn, code) in ReasonCode::ALL.iter().enumerate() {
        let brief = full(*code);
        let places = free(&brief);
        assert!(places.len() >= 20, "{code}: {places:?}");
        let harmless = documents(&with(&brief, &places, "word").unwrap(), "word");
        let harmless: Vec<_> = harmless.iter().map(|(what, markdown)| seen(what, markdown)).collect();
        for text in corpus.iter().skip(turn % SHARE).step_by(SHARE) {
            let hurt = documents(&with(&brief, &places, text).unwrap(), text);
            for ((what, markdown), harmless) in hurt.iter().zip(&harmless) {
                if let Some(how) = differs(&seen(what, markdown), harmless) {
                    wrong.entry((*what, text)).or_insert_with(|| format!("{code}: {how}\n{markdown}"));
                }
                tried += 1;
            }
        }
    }
    let told: Vec<_> = wrong.iter().map(|((what, text), how)| format!("{what} with {text:?}, {how}")).collect();
    assert!(told.is_empty(), "{} of {tried}:\n{}", told.len(), told.join("\n---\n"));
    assert!(tried > 4_000, "{tried}");
}

#[test]
fn a_title_is_one_line_of_visible_signs() {
    for code in ReasonCode::ALL {
        let brief = full(*code);
        let places = free(&brief);
        for text in hostile() {
            let hurt = with(&brief, &places, &text).unwrap();
            let title = check(std::slice::from_ref(&hurt), "7:x", None, PAGES).unwrap().title;
            // GitHub shows it as it is: no Markdown, no mentions.
            assert_eq!(
                plain(&title.replace('\u{200b}', ""), 255),
                title.replace('\u{200b}', ""),
                "{code} with {text:?}"
            );
        }
    }
}
