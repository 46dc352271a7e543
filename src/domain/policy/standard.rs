//! A policy put in force: the file with what it extends, compiled for evaluation.
//!
//! How files are put together: *settings* (`merge`, `evidence`, `order`, `confirm`, ...) are taken key by key from the nearest place that
//! gives them: a variation for the base branch (the last that matches), the repository's file, the file it extends, the defaults. *Lists* of
//! rules, lessons, components, sequences, generated files and escalation steps are added to each other, those of the extended file first;
//! priorities are joined by name. Since requirements add up and the most careful autonomy wins, a repository cannot loosen a rule that it
//! inherits; names of rules must differ, so that it cannot hide one either.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::file::{
    Ask, Confirm, Fresh, Glob, KeepOn, Merge, Mode, Order, PolicyFile, Reviews, Rule, Variation, When, Who,
};
use super::globs::{PathIndex, PathIndexBuilder};
use super::outcome::{ConfirmRequirement, Identity, Origin};
use super::predicates::Lists;
use crate::domain::govern::Right;
use crate::domain::ids::Timestamp;

/// A compiled policy.
#[derive(Debug)]
pub struct Standard {
    /// Which one it is.
    pub identity: Identity,
    /// What it says, with everything it extends.
    pub file: PolicyFile,
    pub(super) rules: Vec<Compiled>,
    pub(super) index: PathIndex,
    /// The settings where no variation matches, made once: every judgment asks for them.
    unvaried: Arc<Settings>,
}

/// A rule ready for evaluation.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) rule: Rule,
    /// The digest of the rule, made once: verdicts are pinned to those of the rules that apply.
    pub(super) digest: String,
    pub(super) origin: Origin,
    pub(super) lists: Lists,
    /// Only for base branches that match.
    pub(super) branches: Option<Glob>,
    pub(super) expires: Option<Timestamp>,
}

impl PartialEq for Standard {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity && self.file == other.file
    }
}

impl Default for Standard {
    fn default() -> Self {
        let file = PolicyFile { version: 1, ..PolicyFile::default() };
        let identity = Identity { source: "defaults".to_owned(), blob: None, digest: digest(&file) };
        let unvaried = Arc::new(Settings::of(&file).finish());
        Self { identity, file, rules: Vec::new(), index: PathIndex::default(), unvaried }
    }
}

/// A file that cannot be compiled though every value of it could be read: its globs are too much together.
#[derive(Debug, thiserror::Error)]
#[error("the globs of the policy cannot be compiled together: {0}")]
pub struct CompileError(#[from] globset::Error);

impl Standard {
    /// Puts a file in force.
    ///
    /// `extended` is the file it extends with the name of its repository, `source` the path of the file, `blob` the id of the blob that held it.
    ///
    /// # Errors
    /// [`CompileError`]: the policy is refused as a whole.
    pub fn compile(
        file: PolicyFile,
        extended: Option<(&str, PolicyFile)>,
        source: &str,
        blob: Option<String>,
    ) -> Result<Arc<Self>, CompileError> {
        let mut from_file: Vec<(Rule, Origin)> = file.rules.iter().map(|rule| (rule.clone(), Origin::File)).collect();
        let mut all = Vec::new();
        let file = match extended {
            None => file,
            Some((repository, below)) => {
                let origin = || Origin::Extended { repository: repository.to_owned() };
                all.extend(below.rules.iter().map(|rule| (rule.clone(), origin())));
                over(file, below)
            }
        };
        all.append(&mut from_file);
        let mut builder = PathIndexBuilder::default();
        let mut rules: Vec<Compiled> =
            all.into_iter().map(|(rule, origin)| prepared(rule, origin, None, None, &mut builder)).collect();
        for (glob, variation) in &file.branches {
            for rule in &variation.rules {
                let origin = Origin::Branches { glob: glob.to_string() };
                rules.push(prepared(rule.clone(), origin, Some(glob.clone()), None, &mut builder));
            }
        }
        for lesson in file.lessons.iter().filter(|lesson| lesson.retired.is_none()) {
            let origin = Origin::Lesson { source: lesson.source.clone() };
            let expires = lesson.expires.map(|moment| moment.0);
            rules.push(prepared(Rule::from(lesson), origin, None, expires, &mut builder));
        }
        let identity = Identity { source: source.to_owned(), blob, digest: digest(&file) };
        let unvaried = Arc::new(Settings::of(&file).finish());
        Ok(Arc::new(Self { identity, file, rules, index: builder.build()?, unvaried }))
    }

    /// The settings for a base branch.
    #[must_use]
    pub fn settings(&self, base: &str) -> Arc<Settings> {
        let mut varied = self.file.branches.iter().filter(|(glob, _)| glob.matches(base)).peekable();
        if varied.peek().is_none() {
            return Arc::clone(&self.unvaried);
        }
        let mut settings = Settings::of(&self.file);
        varied.for_each(|(_, variation)| settings.vary(variation));
        Arc::new(settings.finish())
    }

    /// What confirms are asked for anywhere on a base branch: by its settings, and by every rule that may apply there.
    #[must_use]
    pub fn confirms(&self, base: &str) -> Vec<ConfirmRequirement> {
        let settings = self.settings(base);
        let applies = |compiled: &&Compiled| {
            !compiled.rule.shadow && compiled.branches.as_ref().is_none_or(|glob| glob.matches(base))
        };
        let ruled = self.rules.iter().filter(applies).flat_map(|compiled| &compiled.rule.require.confirm.0);
        let mut all = vec![settings.confirm.clone()];
        for one in ruled.map(|confirm| settings.requirement(confirm)) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }

    /// Everybody whom the policy names as somebody who confirms.
    pub fn everybody(&self) -> impl Iterator<Item = &Who> {
        let varied = self.file.branches.iter().filter_map(|(_, variation)| variation.confirm.as_ref());
        let ruled = self.rules.iter().flat_map(|compiled| &compiled.rule.require.confirm.0);
        let confirms = self.file.confirm.iter().chain(varied).chain(ruled);
        confirms.flat_map(|confirm| {
            let by = confirm.by.iter().flat_map(|by| &by.0);
            by.chain(confirm.each.iter().flatten())
        })
    }

    /// Every team that may have to confirm something, in lower case.
    #[must_use]
    pub fn teams(&self) -> std::collections::BTreeSet<String> {
        let team = |who: &Who| if let Who::Team(team) = who { Some(team.to_lowercase()) } else { None };
        self.everybody().filter_map(team).collect()
    }

    /// How many rules and lessons are in force.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule and no lesson.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

fn prepared(
    rule: Rule,
    origin: Origin,
    branches: Option<Glob>,
    expires: Option<Timestamp>,
    builder: &mut PathIndexBuilder,
) -> Compiled {
    let When { paths, only_paths, not_paths, .. } = &rule.when;
    let mut list = |globs: &Option<super::file::Many<Glob>>| globs.as_ref().map(|globs| builder.add(&globs.0));
    let lists = Lists { paths: list(paths), only_paths: list(only_paths), not_paths: list(not_paths) };
    Compiled { digest: digest(&rule), rule, origin, lists, branches, expires }
}

/// The digest of what a file says.
pub(super) fn digest(value: &impl serde::Serialize) -> String {
    let canonical = serde_json_canonicalizer::to_vec(value).unwrap_or_default();
    hex::encode(&Sha256::digest(canonical)[..8])
}

/// The settings that hold for a base branch; what nobody gives has its default.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Settings {
    /// Whether Flyball blocks.
    pub mode: Mode,
    /// How units land.
    pub merge: Merge,
    /// Results that every unit needs.
    pub required: Vec<super::file::EvidenceName>,
    /// When a result counts as stale.
    pub fresh: Fresh,
    /// What the order keeps apart.
    pub order: Order,
    /// Who confirms.
    pub confirm: ConfirmRequirement,
    /// How long a bare confirm does not count after a push, in seconds.
    pub dwell_seconds: i64,
    /// When a confirm outlives a push.
    pub keep_on: Vec<KeepOn>,
    /// Reviews that every unit needs.
    pub reviews: Reviews,
    /// Whether one person is asked for a review.
    pub ask: Ask,
    /// Who may lift holds and refusals besides whoever set them.
    pub lift: Vec<Who>,
    #[serde(skip)]
    given: Confirm,
    /// The digest of all of them.
    #[serde(skip)]
    pub(super) digest: String,
}

/// How long a bare confirm does not count after a push, unless the policy says otherwise.
const DWELL_SECONDS: i64 = 20;

impl Settings {
    fn of(file: &PolicyFile) -> Self {
        let evidence = file.evidence.clone().unwrap_or_default();
        let lift = file.lift.as_ref().map_or_else(|| vec![Who::Right(Right::Maintain)], |lift| lift.by.0.clone());
        Self {
            mode: file.mode.unwrap_or_default(),
            merge: file.merge.unwrap_or_default(),
            required: evidence.required.unwrap_or_default().0,
            fresh: evidence.fresh.unwrap_or_default(),
            order: file.order.clone().unwrap_or_default(),
            confirm: ConfirmRequirement { by: Vec::new(), each: Vec::new(), count: 1, author: false, reviews: true },
            dwell_seconds: DWELL_SECONDS,
            keep_on: Vec::new(),
            reviews: file.reviews.unwrap_or_default(),
            ask: file.ask.unwrap_or_default(),
            lift,
            given: file.confirm.clone().unwrap_or_default(),
            digest: String::new(),
        }
    }

    fn vary(&mut self, variation: &Variation) {
        self.mode = variation.mode.unwrap_or(self.mode);
        if let Some(merge) = variation.merge {
            self.merge = merge_over(merge, self.merge);
        }
        if let Some(evidence) = &variation.evidence {
            if let Some(required) = &evidence.required {
                self.required.clone_from(&required.0);
            }
            self.fresh = evidence.fresh.unwrap_or(self.fresh);
        }
        if let Some(order) = &variation.order {
            self.order = order_over(order.clone(), self.order.clone());
        }
        if let Some(confirm) = &variation.confirm {
            self.given = confirm_over(confirm.clone(), self.given.clone());
        }
        self.reviews = variation.reviews.unwrap_or(self.reviews);
    }

    fn finish(mut self) -> Self {
        self.confirm = requirement(&self.given, &Confirm::default());
        self.dwell_seconds = self.given.dwell.map_or(DWELL_SECONDS, super::file::Span::as_seconds);
        self.keep_on = self.given.keep_on.clone().unwrap_or_default();
        self.digest = digest(&self);
        self
    }

    /// A rule's confirm with what it leaves out taken from here.
    pub(super) fn requirement(&self, confirm: &Confirm) -> ConfirmRequirement {
        requirement(confirm, &self.given)
    }
}

fn requirement(own: &Confirm, top: &Confirm) -> ConfirmRequirement {
    let names_people = own.by.is_some() || own.each.is_some();
    let each = if names_people { own.each.clone() } else { top.each.clone() }.unwrap_or_default();
    let by = if names_people { own.by.clone() } else { top.by.clone() };
    let by = match by {
        Some(by) => by.0,
        None if each.is_empty() => vec![Who::Right(Right::Write)],
        None => Vec::new(),
    };
    let count = own.count.unwrap_or(if names_people { 1 } else { top.count.unwrap_or(1) });
    ConfirmRequirement {
        count: count.max(1).max(u32::try_from(each.len()).unwrap_or(u32::MAX)),
        by,
        each,
        author: own.author.or(top.author).unwrap_or(false),
        reviews: own.reviews.or(top.reviews).unwrap_or(true),
    }
}

fn merge_over(near: Merge, far: Merge) -> Merge {
    Merge { method: near.method.or(far.method), via: near.via.or(far.via), message: near.message.or(far.message) }
}

fn order_over(near: Order, far: Order) -> Order {
    Order { enforce: near.enforce.or(far.enforce), patience: near.patience.or(far.patience) }
}

fn confirm_over(near: Confirm, far: Confirm) -> Confirm {
    let names_people = near.by.is_some() || near.each.is_some();
    Confirm {
        by: if names_people { near.by } else { far.by },
        each: if names_people { near.each } else { far.each },
        count: near.count.or(far.count),
        author: near.author.or(far.author),
        reviews: near.reviews.or(far.reviews),
        dwell: near.dwell.or(far.dwell),
        keep_on: near.keep_on.or(far.keep_on),
    }
}

/// A file over the one it extends.
fn over(near: PolicyFile, far: PolicyFile) -> PolicyFile {
    let merge = match (near.merge, far.merge) {
        (Some(near), Some(far)) => Some(merge_over(near, far)),
        (near, far) => near.or(far),
    };
    let evidence = match (near.evidence, far.evidence) {
        (Some(near), Some(far)) => {
            Some(super::file::Evidence { required: near.required.or(far.required), fresh: near.fresh.or(far.fresh) })
        }
        (near, far) => near.or(far),
    };
    let order = match (near.order, far.order) {
        (Some(near), Some(far)) => Some(order_over(near, far)),
        (near, far) => near.or(far),
    };
    let confirm = match (near.confirm, far.confirm) {
        (Some(near), Some(far)) => Some(confirm_over(near, far)),
        (near, far) => near.or(far),
    };
    let agents = match (near.agents, far.agents) {
        (Some(near), Some(far)) => Some(super::file::Agents {
            logins: joined(far.logins, near.logins),
            co_authors: joined(far.co_authors, near.co_authors),
        }),
        (near, far) => near.or(far),
    };
    let mut priorities = far.priorities;
    priorities.extend(near.priorities);
    let mut labels = far.labels;
    labels.extend(near.labels);
    PolicyFile {
        version: near.version,
        extends: near.extends,
        mode: near.mode.or(far.mode),
        merge,
        evidence,
        order,
        confirm,
        reviews: near.reviews.or(far.reviews),
        lift: near.lift.or(far.lift),
        agents,
        ask: near.ask.or(far.ask),
        components: joined(far.components, near.components),
        sequences: joined(far.sequences, near.sequences),
        generated: joined(far.generated, near.generated),
        rules: joined(far.rules, near.rules),
        escalation: joined(far.escalation, near.escalation),
        priorities,
        labels,
        lessons: joined(far.lessons, near.lessons),
        branches: joined(far.branches, near.branches),
    }
}

fn joined<T>(mut first: Vec<T>, second: Vec<T>) -> Vec<T> {
    first.extend(second);
    first
}
