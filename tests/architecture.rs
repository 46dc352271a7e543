//! The walls of the house: what the pure rooms may name, and how long anything may be.
//!
//! Read as text, line by line: what is forbidden must not even be named, and rustfmt keeps the layout that the counting rests on.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What no pure room may name: I/O, clocks, chance, the shell's rooms, and collections whose order comes from a hash.
const OUTSIDE: &[&str] = &[
    "tokio",
    "octocrab",
    "reqwest",
    "redis",
    "redb",
    "axum",
    "tracing",
    "rand",
    "async_trait",
    "std::time",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "HashMap",
    "HashSet",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "crate::cli",
    "crate::client",
    "crate::mcp",
    "crate::store",
    "crate::runtime",
    "crate::github",
    "crate::web",
    "crate::webhook",
    "crate::sim",
    "crate::git",
];

/// Where a pure room may name one of these after all: file, word, why.
const ALLOWED: &[(&str, &str, &str)] = &[(
    "src/domain/integration/index/mod.rs",
    "HashMap",
    "looked up by key, never walked: clippy::iter_over_hash_type sees to it",
)];

/// What is started and not done. Written apart, so that this file does not name it.
const LEFTOVERS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("#[ig", "nore"),
];

const LINES_OF_A_FILE: usize = 450;
const LINES_OF_A_FUNCTION: usize = 80;

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Code without comments and without what stands in quotes, so that prose may name anything.
    fn code(&self) -> impl Iterator<Item = (usize, String)> + '_ {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, bare(line)))
    }
}

/// A line without its comment and its one-line strings.
fn bare(line: &str) -> String {
    let mut kept = String::new();
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if quoted => drop(rest.next()),
            '"' => quoted = !quoted,
            '/' if !quoted && rest.peek() == Some(&'/') => break,
            _ if !quoted => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// Whether `word` stands in `code` as a whole word, not as a part of a longer name.
fn names(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, found)| {
        let before = code[..at].chars().next_back();
        let after = code[at + found.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

fn sources(rooms: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for room in rooms {
        collect(&root.join(room), "rs", &mut found);
    }
    found.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Source { path: path.strip_prefix(root).expect("it was found below the root").to_owned(), text }
    };
    found.into_iter().map(read).collect()
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != "node_modules" {
            collect(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

fn forbidden(sources: &[Source], words: &[&str]) -> String {
    let mut report = String::new();
    for source in sources {
        for (line, code) in source.code() {
            let allowed = |word: &str| ALLOWED.iter().any(|one| Path::new(one.0) == source.path && one.1 == word);
            for word in words.iter().filter(|word| names(&code, word) && !allowed(word)) {
                writeln!(report, "{}:{line} names {word}", source.path.display()).expect("a String takes everything");
            }
        }
    }
    report
}

#[test]
fn the_pure_rooms_name_nothing_of_the_outside() {
    let pure = sources(&["src/domain", "src/present"]);
    assert!(pure.len() > 20, "the rooms were found: {}", pure.len());
    let report = forbidden(&pure, OUTSIDE);
    assert!(report.is_empty(), "{report}");
}

#[test]
fn an_allowance_that_nobody_needs_is_taken_back() {
    let pure = sources(&["src/domain", "src/present"]);
    for (path, word, why) in ALLOWED {
        let source = pure.iter().find(|source| source.path == Path::new(path));
        let needed = source.is_some_and(|source| source.code().any(|(_, code)| names(&code, word)));
        assert!(needed, "{path} no longer names {word} ({why})");
    }
}

#[test]
fn the_domain_knows_nothing_of_how_it_is_shown() {
    let report = forbidden(&sources(&["src/domain"]), &["crate::present"]);
    assert!(report.is_empty(), "{report}");
}

#[test]
fn nothing_is_left_unfinished() {
    let mut report = String::new();
    for source in sources(&["src", "tests", "benches", "examples"]) {
        for (at, line) in source.text.lines().enumerate() {
            for word in LEFTOVERS.iter().filter(|word| line.contains(**word)) {
                writeln!(report, "{}:{} has {word}", source.path.display(), at + 1).unwrap();
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn files_and_functions_stay_short() {
    let mut report = String::new();
    for source in sources(&["src", "tests", "benches", "examples"]) {
        let lines = source.text.lines().count();
        if lines > LINES_OF_A_FILE {
            writeln!(report, "{} has {lines} lines", source.path.display()).unwrap();
        }
        for (name, lines) in functions(&source.text).into_iter().filter(|(_, lines)| *lines > LINES_OF_A_FUNCTION) {
            writeln!(report, "{}: {name} has {lines} lines", source.path.display()).unwrap();
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// Each function with the lines of its body that hold code.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let Some(open) = lines[at..].iter().position(|line| line.ends_with(['{', ';', '}'])) else { continue };
        if !lines[at + open].ends_with('{') {
            continue;
        }
        let body = lines[at + open + 1..].iter().take_while(|line| **line != format!("{indent}}}"));
        let counts = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        found.push((name.to_owned(), body.filter(counts).count()));
    }
    found
}

/// The name of the function that begins on this line.
fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.trim_start().split_once("fn ")?;
    let qualifiers = ["pub", "const", "async", "(crate)", "(super)", "(in", "unsafe", "extern"];
    let plain = before.split_whitespace().all(|word| qualifiers.iter().any(|known| word.starts_with(known)));
    let end = after.find(['(', '<'])?;
    plain.then(|| &after[..end])
}

#[test]
fn the_readers_of_this_test_see_what_they_should() {
    assert!(names("use tokio::sync;", "tokio"));
    assert!(names("let map: HashMap<u8, u8>;", "HashMap"));
    assert!(names("crate::store::Store", "crate::store"));
    assert!(!names("let operand = 1;", "rand"));
    assert!(!names("crate::storey", "crate::store"));
    assert_eq!(bare(r#"call("tokio", x) // redis"#), "call(, x) ");
    let text = "impl A {\n    pub(crate) async fn one(\n        a: u8,\n    ) {\n        // no\n\n        two();\n    }\n}\nfn three() {}\n";
    assert_eq!(functions(text), [("one".to_owned(), 1)]);
}

/// What a text writes as code: the pieces between single backticks.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_test_that_a_document_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = Vec::new();
    collect(&root.join("docs"), "md", &mut documents);
    let rust: String = sources(&["src", "tests"]).iter().map(|source| source.text.as_str()).collect();
    let mut named = 0;
    for document in &documents {
        let text = fs::read_to_string(document).unwrap();
        let is_test = |code: &&str| {
            let plain = code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            plain && code.matches('_').count() >= 3 && !code.starts_with("flyball_")
        };
        for name in codes(&text).filter(is_test) {
            named += 1;
            let there = rust.contains(&format!("fn {name}(")) || rust.contains(&format!("fn {name}<"));
            assert!(there, "{}: there is no test `{name}`", document.display());
        }
    }
    assert!(named > 40, "only {named} names were found: is this still how documents write them?");
}
