//! Whether a rule applies to a unit: each key of `when` against the facts.

use super::expr::Bench;
use super::facts::{AuthorKind, Known, PackageTouched, UnitFacts, fits};
use super::file::{AuthorIs, Bump, Glob, LabelSets, Many, Range, When, Window};
use super::globs::{ListId, PathHits};
use super::outcome::{PredicateOutcome, Verdict};
use super::yaml::short;

/// The lists of globs of one rule.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lists {
    pub(super) paths: Option<ListId>,
    pub(super) only_paths: Option<ListId>,
    pub(super) not_paths: Option<ListId>,
}

/// What one evaluation looks at.
pub(super) struct Sight<'a> {
    pub(super) facts: &'a UnitFacts,
    pub(super) hits: Known<PathHits<'a>>,
    pub(super) bench: Option<Bench<'a>>,
}

type Seen = (Verdict, String);

/// The predicates of one rule, as they are evaluated.
#[derive(Default)]
struct Sheet(Vec<PredicateOutcome>);

impl Sheet {
    fn push(&mut self, predicate: &'static str, wants: String, (verdict, seen): Seen) {
        self.0.push(PredicateOutcome { predicate, wants, seen, verdict });
    }
}

/// Evaluates every key that is given.
pub(super) fn evaluate(when: &When, lists: &Lists, sight: &mut Sight<'_>) -> Vec<PredicateOutcome> {
    let mut sheet = Sheet::default();
    about_paths(&mut sheet, when, lists, sight);
    about_the_unit(&mut sheet, when, sight.facts);
    if let Some(expr) = &when.expr {
        let bench = sight.bench.as_mut();
        let seen = match bench.map_or_else(|| Err("nothing runs expressions here".to_owned()), |bench| bench.run(expr))
        {
            Ok(value) => (Verdict::of(value), value.to_string()),
            Err(because) => (Verdict::Unknown, because),
        };
        sheet.push("expr", String::from(expr.clone()), seen);
    }
    sheet.0
}

fn about_paths(sheet: &mut Sheet, when: &When, lists: &Lists, sight: &Sight<'_>) {
    if let (Some(globs), Some(list)) = (&when.paths, lists.paths) {
        sheet.push("paths", one_of(globs), touches(&sight.hits, list));
    }
    if let (Some(globs), Some(list)) = (&when.only_paths, lists.only_paths) {
        sheet.push("only_paths", one_of(globs), touches_only(&sight.hits, list));
    }
    if let (Some(globs), Some(list)) = (&when.not_paths, lists.not_paths) {
        let (verdict, seen) = touches(&sight.hits, list);
        let not = match verdict {
            Verdict::Met => Verdict::Unmet,
            Verdict::Unmet => Verdict::Met,
            Verdict::Unknown | Verdict::NotApplicable => Verdict::Unknown,
        };
        sheet.push("not_paths", one_of(globs), (not, seen));
    }
    if let Some(Many(changes)) = &when.changes {
        let wants = changes.iter().map(|change| change.word()).collect::<Vec<_>>().join(" or ");
        sheet.push(
            "changes",
            wants,
            known(&sight.facts.files, |files| {
                let found = files.iter().find(|file| changes.contains(&file.change()));
                let seen = found.map_or_else(
                    || "none".to_owned(),
                    |file| format!("{} is {}", short(file.path()), file.change().word()),
                );
                (Verdict::of(found.is_some()), seen)
            }),
        );
    }
}

fn about_the_unit(sheet: &mut Sheet, when: &When, facts: &UnitFacts) {
    if let Some(author) = &when.author {
        sheet.push("author", author_words(author), author_is(author, facts));
    }
    if let Some(labels) = &when.labels {
        sheet.push("labels", label_words(&labels.0), labelled(&labels.0, facts));
    }
    if let Some(base) = &when.base {
        let matches = base.0.iter().any(|glob| glob.matches(&facts.base));
        sheet.push("base", one_of(base), (Verdict::of(matches), short(&facts.base)));
    }
    if let Some(from_fork) = when.from_fork {
        let seen = if facts.from_fork { "from a fork" } else { "from this repository" };
        sheet.push("from_fork", from_fork.to_string(), (Verdict::of(from_fork == facts.from_fork), seen.to_owned()));
    }
    if let Some(range) = &when.lines {
        let lines = facts.lines();
        sheet.push("lines", range_words(range), (Verdict::of(range.contains(lines)), lines.to_string()));
    }
    if let Some(range) = &when.files {
        let seen =
            known(&facts.files, |files| (Verdict::of(range.contains(files.len() as u64)), files.len().to_string()));
        sheet.push("files", range_words(range), seen);
    }
    if let Some(globs) = &when.packages {
        sheet.push("packages", one_of(globs), known(&facts.packages, |packages| moves(globs, packages)));
    }
    if let Some(Many(bumps)) = &when.bump {
        let wants = bumps.iter().map(|bump| format!("{bump:?}").to_lowercase()).collect::<Vec<_>>().join(" or ");
        sheet.push("bump", wants, known(&facts.packages, |packages| bumped(bumps, packages)));
    }
    if let Some(window) = &when.during {
        sheet.push("during", window_words(window), within(window, facts));
    }
}

fn moves(globs: &Many<Glob>, packages: &[PackageTouched]) -> Seen {
    let found = packages.iter().find(|package| globs.0.iter().any(|glob| glob.matches(&package.name)));
    (Verdict::of(found.is_some()), found.map_or_else(|| "none".to_owned(), |package| short(&package.name)))
}

fn known<T>(fact: &Known<T>, judge: impl FnOnce(&T) -> Seen) -> Seen {
    match fact.get() {
        Ok(value) => judge(value),
        Err(because) => (Verdict::Unknown, short(because)),
    }
}

fn one_of(globs: &Many<Glob>) -> String {
    let shown: Vec<&str> = globs.0.iter().take(3).map(Glob::as_str).collect();
    let more = globs.0.len().saturating_sub(3);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

fn touches(hits: &Known<PathHits<'_>>, list: ListId) -> Seen {
    known(hits, |hits| {
        let found = hits.of(list);
        match (found.paths, hits.first(list)) {
            (0, _) | (_, None) => (Verdict::Unmet, "none".to_owned()),
            (1, Some(first)) => (Verdict::Met, short(first)),
            (more, Some(first)) => (Verdict::Met, format!("{} and {} more", short(first), more - 1)),
        }
    })
}

fn touches_only(hits: &Known<PathHits<'_>>, list: ListId) -> Seen {
    known(hits, |hits| {
        let (all, inside) = (hits.paths.len(), hits.of(list).paths);
        match (all, all - inside) {
            (0, _) => (Verdict::Unmet, "it touches nothing".to_owned()),
            (_, 0) => (Verdict::Met, format!("all {all}")),
            (_, outside) => (Verdict::Unmet, format!("{outside} of {all} elsewhere")),
        }
    })
}

fn author_words(author: &AuthorIs) -> String {
    let mut words = Vec::new();
    if let Some(logins) = &author.login {
        words.push(logins.0.join(" or "));
    }
    if let Some(kinds) = &author.kind {
        words.push(kinds.0.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(" or "));
    }
    if let Some(names) = &author.name {
        words.push(names.0.join(" or "));
    }
    words.join(", ")
}

fn author_is(author: &AuthorIs, facts: &UnitFacts) -> Seen {
    let who = &facts.author;
    let fits_as = |kind: AuthorKind, name: Option<&str>| {
        author
            .login
            .as_ref()
            .is_none_or(|logins| logins.0.iter().any(|login| fits(login.trim_start_matches('@'), &who.login)))
            && author.kind.as_ref().is_none_or(|kinds| kinds.0.contains(&kind))
            && author
                .name
                .as_ref()
                .is_none_or(|names| name.is_some_and(|name| names.0.iter().any(|wanted| fits(wanted, name))))
    };
    let named = who.name.as_ref().map_or_else(String::new, |name| format!(" {}", short(name)));
    let seen = format!("{} ({}{named})", short(&who.login), who.kind.word());
    let by_account = fits_as(who.kind, who.name.as_deref());
    match &who.by_trailer {
        Some(agent) if fits_as(AuthorKind::Agent, Some(agent)) != by_account => {
            (Verdict::Unknown, format!("{seen}; a co-author line names the agent {}", short(agent)))
        }
        Some(_) | None => (Verdict::of(by_account), seen),
    }
}

fn label_words(labels: &LabelSets) -> String {
    let part = |word: &str, names: &[String]| (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")));
    [part("any of", &labels.any), part("all of", &labels.all), part("none of", &labels.none)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

fn labelled(labels: &LabelSets, facts: &UnitFacts) -> Seen {
    let has = |name: &String| facts.labels.iter().any(|label| label.eq_ignore_ascii_case(name));
    let holds = (labels.any.is_empty() || labels.any.iter().any(has))
        && labels.all.iter().all(has)
        && !labels.none.iter().any(has);
    let seen = if facts.labels.is_empty() { "none".to_owned() } else { short(&facts.labels.join(", ")) };
    (Verdict::of(holds), seen)
}

fn range_words(range: &Range) -> String {
    match (range.min, range.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "any number".to_owned(),
    }
}

fn window_words(window: &Window) -> String {
    let from = window.from.map_or_else(String::new, |from| format!("from {} ", from.0));
    let until = window.until.map_or_else(String::new, |until| format!("until {}", until.0));
    format!("{from}{until}").trim().to_owned()
}

fn within(window: &Window, facts: &UnitFacts) -> Seen {
    let Some(now) = facts.now else { return (Verdict::Unknown, "the time is not known".to_owned()) };
    let inside = window.from.is_none_or(|from| now >= from.0) && window.until.is_none_or(|until| now < until.0);
    (Verdict::of(inside), now.to_string())
}

fn bumped(bumps: &[Bump], packages: &[PackageTouched]) -> Seen {
    if packages.is_empty() {
        return (Verdict::Unmet, "it moves no package".to_owned());
    }
    let mut verdict = Verdict::Met;
    let mut seen = String::new();
    for package in packages {
        let (this, word) = match bump(package) {
            Some(step) => (Verdict::of(bumps.contains(&step)), format!("{step:?}").to_lowercase()),
            None => (Verdict::Unknown, "no version that can be compared".to_owned()),
        };
        if seen.is_empty() || this < verdict {
            seen = format!("{}: {word}", short(&package.name));
        }
        verdict = verdict.min(this);
    }
    (verdict, seen)
}

/// How far a package moves; nothing where its versions cannot be compared.
pub(super) fn bump(package: &PackageTouched) -> Option<Bump> {
    match (&package.old, &package.new) {
        (None, Some(_)) => Some(Bump::Added),
        (Some(_), None) => Some(Bump::Removed),
        (None, None) => None,
        (Some(old), Some(new)) => {
            let (old, new) = (version(old)?, version(new)?);
            Some(match () {
                () if new < old => Bump::Down,
                () if new[0] != old[0] => Bump::Major,
                () if new[1] != old[1] && old[0] == 0 => Bump::Major,
                () if new[1] != old[1] => Bump::Minor,
                () => Bump::Patch,
            })
        }
    }
}

/// The three numbers of a plain requirement: `^1.2.3`, `~1.2`, `v1`, `=1.2.3`. Ranges and pre-releases cannot be compared.
fn version(requirement: &str) -> Option<[u64; 3]> {
    let plain = requirement.trim().trim_start_matches(['^', '~', '=', 'v', 'V', ' ']);
    let plain = plain.split_once('+').map_or(plain, |(version, _)| version);
    let mut numbers = [0; 3];
    let mut parts = plain.split('.');
    for (at, number) in numbers.iter_mut().enumerate() {
        match parts.next() {
            Some(part) => *number = part.parse().ok()?,
            None if at == 0 => return None,
            None => {}
        }
    }
    parts.next().is_none().then_some(numbers)
}
