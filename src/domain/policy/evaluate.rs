//! The evaluation: every rule against the unit, requirements added up, the most careful autonomy.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::expr::Bench;
use super::facts::{Known, UnitFacts};
use super::file::{Autonomy, EvidenceName, Fresh, Integration, KeepOn, Rule, When};
use super::outcome::{
    AutonomyOutcome, Evaluation, Origin, PredicateOutcome, Requirement, RequirementOutcome, RuleOutcome, Verdict,
};
use super::people::People;
use super::predicates::{self, Sight};
use super::requirements;
use super::standard::{Compiled, Settings, Standard, digest};
use super::yaml::short;
use crate::domain::ids::Timestamp;

/// What never lands unasked: what governs people, machines and agents here. Case does not count.
pub const NEVER_AUTO: [&str; 18] = [
    ".github/flyball.yml",
    "{.github/,docs/,}CODEOWNERS",
    ".github/workflows/**",
    ".github/actions/**",
    "**/AGENTS.md",
    "**/AGENT.md",
    "**/CLAUDE.md",
    "**/GEMINI.md",
    "**/SKILL.md",
    "**/.cursorrules",
    "**/.windsurfrules",
    "**/.clinerules",
    "**/{.claude,.cursor,.codex,.agents}/**",
    "**/.mcp.json",
    ".github/copilot-instructions.md",
    ".github/instructions/**",
    ".github/agents/**",
    ".github/prompts/**",
];

fn never_auto() -> &'static GlobSet {
    static SET: std::sync::OnceLock<GlobSet> = std::sync::OnceLock::new();
    SET.get_or_init(|| {
        let mut builder = GlobSetBuilder::new();
        for glob in NEVER_AUTO {
            let built =
                GlobBuilder::new(glob).literal_separator(true).case_insensitive(true).empty_alternates(true).build();
            builder.add(built.expect("the list is fixed, and a test compiles it"));
        }
        builder.build().expect("the list is fixed, and a test compiles it")
    })
}

/// Collects requirements: each once, with everybody who asks for it, in the order in which they were first asked for.
#[derive(Default)]
struct Sum {
    all: Vec<(Requirement, Vec<String>)>,
    places: BTreeMap<Requirement, usize>,
}

impl Sum {
    fn add(&mut self, requirement: Requirement, source: &str) {
        let place = *self.places.entry(kind(&requirement)).or_insert(self.all.len());
        let Some((known, sources)) = self.all.get_mut(place) else {
            return self.all.push((requirement, vec![source.to_owned()]));
        };
        match (known, requirement) {
            (Requirement::Evidence { name, .. }, Requirement::Evidence { name: new, .. }) => {
                name.count = name.count.max(new.count);
            }
            (Requirement::Approvals { count }, Requirement::Approvals { count: new }) => *count = (*count).max(new),
            (_, _) => {}
        }
        if !sources.iter().any(|known| known == source) {
            sources.push(source.to_owned());
        }
    }
}

/// What two requirements have in common that are one: counts aside, the greater one holds.
fn kind(requirement: &Requirement) -> Requirement {
    let mut kind = requirement.clone();
    match &mut kind {
        Requirement::Evidence { name, .. } => name.count = 1,
        Requirement::Approvals { count } => *count = 1,
        Requirement::Protection | Requirement::CodeOwnerReview | Requirement::Confirm(_) => {}
    }
    kind
}

impl Standard {
    /// Evaluates the policy on a unit. Pure: the same facts give the same tree.
    #[must_use]
    pub fn evaluate(&self, facts: &UnitFacts) -> Evaluation {
        let settings = self.settings(&facts.base);
        let mut people = People::new(facts);
        let mut rules = self.matched(facts);
        let fresh = freshness(&settings, &rules);
        let mut sum = Sum::default();
        for requirement in requirements::of_protection(facts, fresh) {
            sum.add(requirement, "branch protection");
        }
        add_settings(&mut sum, &settings, fresh);
        for (compiled, outcome) in rules.iter().filter(|(compiled, outcome)| outcome.fires() && !compiled.rule.shadow) {
            for requirement in of_rule(&compiled.rule, &settings, fresh) {
                sum.add(requirement, &outcome.name);
            }
        }
        let autonomy = autonomy(&rules, facts);
        if autonomy.decided == Autonomy::Confirm {
            sum.add(Requirement::Confirm(settings.confirm.clone()), "policy");
        }
        let requirements: Vec<RequirementOutcome> = sum
            .all
            .into_iter()
            .map(|(requirement, sources)| requirements::evaluate(&requirement, sources, &mut people))
            .collect();
        for (compiled, outcome) in rules.iter_mut().filter(|(_, outcome)| outcome.fires()) {
            let asked = of_rule(&compiled.rule, &settings, fresh);
            let evaluated =
                asked.iter().map(|one| requirements::evaluate(one, vec![outcome.name.clone()], &mut people));
            outcome.requirements = evaluated.collect();
        }
        let digests: Vec<&str> = firing(&rules).map(|(compiled, _)| compiled.digest.as_str()).collect();
        let firing: Vec<&Rule> = firing(&rules).map(|(compiled, _)| &compiled.rule).collect();
        Evaluation {
            policy: self.identity.clone(),
            verdict: Verdict::all(requirements.iter().map(|outcome| outcome.verdict)),
            integration: integration(&firing),
            reversible: firing.iter().all(|rule| rule.reversible != Some(false)),
            keep_same_content: keeps(&settings, &firing),
            dwell_seconds: dwell(&settings, &firing),
            digest: digest(&(&settings.digest, &digests)),
            changes_at: self.next_change(facts.now),
            needs: people.needs,
            requirements,
            autonomy,
            rules: rules.into_iter().map(|(_, outcome)| outcome).collect(),
        }
    }

    fn matched(&self, facts: &UnitFacts) -> Vec<(&Compiled, RuleOutcome)> {
        let hits = match &facts.files {
            Known::Known(files) => Known::Known(self.index.run(files)),
            Known::Unknown { unknown } => Known::unknown(unknown.clone()),
        };
        let exprs = || self.rules.iter().filter_map(|compiled| compiled.rule.when.expr.as_ref());
        let bench = exprs().next().is_some().then(|| Bench::new(facts, exprs()));
        let mut sight = Sight { facts, hits, bench };
        self.rules.iter().map(|compiled| (compiled, matched(compiled, &mut sight))).collect()
    }

    /// When time alone may change a verdict next.
    fn next_change(&self, now: Option<Timestamp>) -> Option<Timestamp> {
        let now = now?;
        let times = self.rules.iter().flat_map(|compiled| {
            let window = compiled.rule.when.during.as_ref();
            let ends =
                window.into_iter().flat_map(|window| [window.from, window.until]).flatten().map(|moment| moment.0);
            ends.chain(compiled.expires)
        });
        times.filter(|at| *at > now).min()
    }
}

fn matched(compiled: &Compiled, sight: &mut Sight<'_>) -> RuleOutcome {
    let rule = &compiled.rule;
    let mut predicates = Vec::new();
    if let Some(glob) = &compiled.branches {
        let verdict = Verdict::of(glob.matches(&sight.facts.base));
        let (wants, seen) = (glob.to_string(), short(&sight.facts.base));
        predicates.push(PredicateOutcome { predicate: "branches", wants, seen, verdict });
    }
    if let Some(expires) = compiled.expires {
        // Where the time is not known the lesson still counts: that is the careful side.
        let live = sight.facts.now.is_none_or(|now| now < expires);
        let seen = sight.facts.now.map_or_else(|| "the time is not known".to_owned(), |now| now.to_string());
        let wants = format!("until {expires}");
        predicates.push(PredicateOutcome { predicate: "expires", wants, seen, verdict: Verdict::of(live) });
    }
    predicates.extend(predicates::evaluate(&rule.when, &compiled.lists, sight));
    RuleOutcome {
        name: rule.name.clone(),
        origin: compiled.origin.clone(),
        line: rule.at.map(|at| at.line),
        why: rule.why.clone(),
        applies: Verdict::all(predicates.iter().map(|outcome| outcome.verdict)),
        predicates,
        requirements: Vec::new(),
        autonomy: rule.autonomy,
        shadow: rule.shadow,
    }
}

type Matched<'a> = (&'a Compiled, RuleOutcome);

fn firing<'a, 'b>(rules: &'b [Matched<'a>]) -> impl Iterator<Item = &'b Matched<'a>> {
    rules.iter().filter(|(compiled, outcome)| outcome.fires() && !compiled.rule.shadow)
}

fn freshness(settings: &Settings, rules: &[Matched<'_>]) -> Fresh {
    let of_rules = firing(rules).filter_map(|(compiled, _)| compiled.rule.require.fresh);
    of_rules.chain([settings.fresh]).max().unwrap_or_default()
}

fn add_settings(sum: &mut Sum, settings: &Settings, fresh: Fresh) {
    for name in &settings.required {
        sum.add(Requirement::Evidence { name: name.clone(), fresh }, "policy");
    }
    if settings.reviews.approvals > 0 {
        sum.add(Requirement::Approvals { count: settings.reviews.approvals }, "policy");
    }
    if settings.reviews.code_owners {
        sum.add(Requirement::CodeOwnerReview, "policy");
    }
}

fn of_rule(rule: &Rule, settings: &Settings, fresh: Fresh) -> Vec<Requirement> {
    let require = &rule.require;
    let evidence =
        require.evidence.0.iter().map(|name: &EvidenceName| Requirement::Evidence { name: name.clone(), fresh });
    let reviews = require.reviews.unwrap_or_default();
    let approvals = (reviews.approvals > 0).then_some(Requirement::Approvals { count: reviews.approvals });
    let owners = reviews.code_owners.then_some(Requirement::CodeOwnerReview);
    let confirms = require.confirm.0.iter().map(|confirm| Requirement::Confirm(settings.requirement(confirm)));
    evidence.chain(approvals).chain(owners).chain(confirms).collect()
}

fn autonomy(rules: &[Matched<'_>], facts: &UnitFacts) -> AutonomyOutcome {
    let mut permitted_by = Vec::new();
    let (mut kept_by, mut unsure) = (Vec::new(), Vec::new());
    for (compiled, outcome) in firing(rules) {
        let (rule, name) = (&compiled.rule, &outcome.name);
        match rule.autonomy {
            Some(Autonomy::Auto) if outcome.applies == Verdict::Met => permitted_by.push(name.clone()),
            Some(Autonomy::Auto) => unsure.push(format!("whether `{name}` applies is not known")),
            Some(Autonomy::Confirm) => kept_by.push(format!("`{name}` keeps a person in")),
            None => {}
        }
        if !rule.require.confirm.0.is_empty() {
            kept_by.push(format!("`{name}` requires a confirm"));
        }
        if rule.reversible == Some(false) {
            kept_by.push(format!("`{name}` says that it cannot be taken back"));
        }
    }
    match facts.files.get() {
        Err(because) => kept_by.push(format!("what it touches is not known: {}", short(because))),
        // Only a permission can be kept back by it.
        Ok(_) if permitted_by.is_empty() => {}
        Ok(files) => {
            let paths = files.iter().flat_map(|file| std::iter::once(file.path()).chain(file.was()));
            if let Some(path) = paths.into_iter().find(|path| never_auto().is_match(path)) {
                kept_by.push(format!("{} governs how work is done here: a person always confirms it", short(path)));
            }
        }
    }
    let auto = !permitted_by.is_empty() && kept_by.is_empty();
    if permitted_by.is_empty() {
        // Without a permission nothing needs to be said about what would have stood against it.
        let nothing = || vec!["no rule lets it land unasked".to_owned()];
        kept_by = if unsure.is_empty() { nothing() } else { unsure };
    }
    AutonomyOutcome { decided: if auto { Autonomy::Auto } else { Autonomy::Confirm }, permitted_by, kept_by }
}

fn integration(firing: &[&Rule]) -> BTreeSet<Integration> {
    firing.iter().flat_map(|rule| rule.integration.iter().copied()).chain([Integration::Technical]).collect()
}

fn keeps(settings: &Settings, firing: &[&Rule]) -> bool {
    let own = firing.iter().flat_map(|rule| &rule.require.confirm.0).filter_map(|confirm| confirm.keep_on.as_ref());
    settings.keep_on.contains(&KeepOn::SameContent) && own.into_iter().all(|keep| keep.contains(&KeepOn::SameContent))
}

fn dwell(settings: &Settings, firing: &[&Rule]) -> i64 {
    let own = firing.iter().flat_map(|rule| &rule.require.confirm.0).filter_map(|confirm| confirm.dwell);
    own.map(super::file::Span::as_seconds).chain([settings.dwell_seconds]).max().unwrap_or_default()
}

impl Evaluation {
    /// The rules and lessons that fired, shadows left out.
    pub fn fired(&self) -> impl Iterator<Item = &RuleOutcome> {
        self.rules.iter().filter(|rule| rule.fires() && !rule.shadow)
    }

    /// Lessons that fired: who taught them stands in their origin.
    pub fn lessons(&self) -> impl Iterator<Item = &RuleOutcome> {
        self.fired().filter(|rule| matches!(rule.origin, Origin::Lesson { .. }))
    }

    /// What is not met or not known, in the order of the requirements.
    pub fn open(&self) -> impl Iterator<Item = &RequirementOutcome> {
        self.requirements.iter().filter(|one| matches!(one.verdict, Verdict::Unmet | Verdict::Unknown))
    }
}

/// Whether a rule can apply at all: used where rules are checked.
pub(super) fn asks_for_nothing(rule: &Rule) -> bool {
    rule.require.is_empty() && rule.autonomy.is_none() && rule.integration.is_empty() && rule.reversible.is_none()
}

/// Whether a rule applies to every unit.
pub(super) fn matches_everything(when: &When) -> bool {
    let all = |globs: &Option<super::file::Many<super::file::Glob>>| {
        globs.as_ref().is_none_or(|globs| globs.0.iter().any(super::file::Glob::is_everything))
    };
    let rest = When { paths: None, only_paths: None, ..when.clone() };
    all(&when.paths) && all(&when.only_paths) && rest.is_empty()
}
