//! The documents as a book: each page has its place in it, each link leads somewhere, each command is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README and every page below docs, by its path in the repository.
pub(crate) fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    for folder in ["", "docs", "docs/adr"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap().flatten() {
            let path = Path::new(folder).join(entry.file_name());
            let is_page = path.extension().is_some_and(|extension| extension == "md");
            if is_page && (!folder.is_empty() || path == Path::new("README.md")) {
                pages.insert(path.clone(), std::fs::read_to_string(root().join(&path)).unwrap());
            }
        }
    }
    assert!(pages.len() > 20, "the pages were found: {}", pages.len());
    pages
}

/// The links of a page, as they are written.
fn links(text: &str) -> Vec<String> {
    let target = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    };
    Parser::new(text).filter_map(target).collect()
}

/// The names by which GitHub links to the headings of a page.
fn anchors(text: &str) -> BTreeSet<String> {
    let (mut anchors, mut heading) = (BTreeSet::new(), None::<String>);
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => drop(heading.take().map(|heading| anchors.insert(slug(&heading)))),
            _ => {}
        }
    }
    anchors
}

fn slug(heading: &str) -> String {
    let kept = heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .collect::<String>();
    kept.replace(' ', "-")
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => plain.push(part),
        }
    }
    plain
}

#[test]
fn every_page_stands_in_the_book_once() {
    let pages = pages();
    let listed: Vec<PathBuf> = links(&pages[Path::new("docs/SUMMARY.md")])
        .iter()
        .filter(|link| !link.is_empty())
        .map(|link| Path::new("docs").join(link))
        .collect();
    let set: BTreeSet<&PathBuf> = listed.iter().collect();
    assert_eq!(set.len(), listed.len(), "a page stands there twice: {listed:?}");
    let apart = [Path::new("README.md"), Path::new("docs/SUMMARY.md")];
    let all: BTreeSet<&PathBuf> = pages.keys().filter(|path| !apart.contains(&path.as_path())).collect();
    assert_eq!(set, all);
    let book: toml::Table = std::fs::read_to_string(root().join("docs/book.toml")).unwrap().parse().unwrap();
    assert_eq!(book["book"]["src"].as_str(), Some("."), "the book is made of the pages where they stand");
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_is_there() {
    let pages = pages();
    let mut checked = 0;
    for (path, text) in &pages {
        for link in links(text).iter().filter(|link| !link.contains("://") && !link.is_empty()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { plain(&path.parent().unwrap().join(file)) };
            assert!(root().join(&target).exists(), "{}: {link} leads nowhere", path.display());
            if !anchor.is_empty() {
                let page = pages.get(&target).unwrap_or_else(|| panic!("{}: {link} is no page", path.display()));
                assert!(
                    anchors(page).contains(anchor),
                    "{}: {link}: no such heading: {:?}",
                    path.display(),
                    anchors(page)
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 80, "only {checked} links were found");
}

#[test]
fn every_command_is_told_in_the_guide() {
    let guide = &pages()[Path::new("docs/COMMANDS.md")];
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| `/"));
    let told: BTreeSet<&str> = rows.filter_map(|row| row.split(['`', ' ']).next()).collect();
    let source = std::fs::read_to_string(root().join("src/domain/govern/said/command.rs")).unwrap();
    let known =
        source.split_once("const KNOWN").and_then(|(_, rest)| rest.split_once("];")).expect("the list of commands").0;
    let known: BTreeSet<&str> = known.split('"').skip(1).step_by(2).collect();
    assert!(known.len() >= 14, "{known:?}");
    assert_eq!(told, known);
}

#[test]
fn the_reader_of_links_sees_what_github_sees() {
    assert_eq!(
        slug("Time waiting, by cause, and integration friction"),
        "time-waiting-by-cause-and-integration-friction"
    );
    assert_eq!(slug("1. Start the server"), "1-start-the-server");
    assert_eq!(links("see [a](b.md#c), ![d](e.png) and `[no](link)`"), ["b.md#c", "e.png"]);
    assert_eq!(plain(Path::new("docs/adr/../../README.md")), Path::new("README.md"));
}
