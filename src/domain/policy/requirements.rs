//! Requirements against the facts: results, reviews, confirms. Each gets its verdict, what was seen, and its reason code.

use super::facts::{EvidenceFact, Opinion, RequiredName, ResultState, UnitFacts, fits};
use super::file::{EvidenceName, Fresh};
use super::outcome::{ConfirmRequirement, Requirement, RequirementOutcome, Verdict};
use super::people::{People, who_words};
use super::yaml::short;
use crate::domain::govern::Right;
use crate::domain::unit::ReasonCode;

type Found = (Verdict, String, Option<ReasonCode>);

/// Evaluates one requirement.
pub(super) fn evaluate(requirement: &Requirement, sources: Vec<String>, people: &mut People<'_>) -> RequirementOutcome {
    let facts = people.facts;
    let (what, (verdict, seen, code)) = match requirement {
        Requirement::Evidence { name, fresh } => (evidence_words(name), evidence(name, *fresh, facts)),
        Requirement::Protection => {
            let seen = facts.protection.get().err().map_or_else(String::new, short);
            let known = (Verdict::Unknown, seen, Some(ReasonCode::WaitsGithub));
            ("what branch protection requires is known".to_owned(), known)
        }
        Requirement::Approvals { count } => (approval_words(*count), approvals(*count, people)),
        Requirement::CodeOwnerReview => ("an owner of each owned path approves".to_owned(), owners(people)),
        Requirement::Confirm(confirm) => (confirm_words(confirm), confirmed(confirm, people)),
    };
    let code = if verdict == Verdict::Met || verdict == Verdict::NotApplicable { None } else { code };
    RequirementOutcome { requirement: requirement.clone(), what, verdict, seen, code, sources }
}

fn evidence_words(name: &EvidenceName) -> String {
    let app = name.app.map_or_else(String::new, |app| format!(" from App {app}"));
    match name.count {
        1 => format!("`{}` passes{app}", short(&name.name)),
        count => format!("{count} results `{}` pass{app}", short(&name.name)),
    }
}

fn evidence(wanted: &EvidenceName, fresh: Fresh, facts: &UnitFacts) -> Found {
    let all = match facts.evidence.get() {
        Ok(all) => all,
        Err(because) => return (Verdict::Unknown, short(because), Some(ReasonCode::WaitsGithub)),
    };
    let own = |fact: &&EvidenceFact| {
        (fact.name == wanted.name || fits(&wanted.name, &fact.name) && wanted.name.contains('*'))
            && wanted.app.is_none_or(|app| fact.app == Some(app))
    };
    let found: Vec<&EvidenceFact> = all.iter().filter(own).collect();
    if let Some(failing) = found.iter().find(|fact| fact.state == ResultState::Failing) {
        return (Verdict::Unmet, format!("{} fails", short(&failing.name)), Some(ReasonCode::BlockedEvidence));
    }
    let passing = found.iter().filter(|fact| fact.state == ResultState::Passing);
    let stale = |fact: &&&EvidenceFact| match fresh {
        Fresh::Never => None,
        Fresh::Selective => fact.related_landed.clone(),
        Fresh::Always => fact.related_landed.clone().or_else(|| fact.landed.clone()),
    };
    let good = passing.clone().filter(|fact| stale(fact).is_none()).count();
    if let Some(pending) = found.iter().find(|fact| fact.state == ResultState::Pending) {
        return (Verdict::Unmet, format!("{} is pending", short(&pending.name)), Some(ReasonCode::WaitsEvidence));
    }
    if good >= wanted.count as usize {
        return (Verdict::Met, "passing".to_owned(), None);
    }
    let old = passing.clone().find_map(|fact| stale(&fact));
    match old {
        Some(landed) => (Verdict::Unmet, format!("stale since {landed} landed"), Some(ReasonCode::WaitsEvidenceStale)),
        None if wanted.count == 1 => (Verdict::Unmet, "missing".to_owned(), Some(ReasonCode::WaitsEvidence)),
        None => (Verdict::Unmet, format!("{good} of {}", wanted.count), Some(ReasonCode::WaitsEvidence)),
    }
}

fn approval_words(count: u32) -> String {
    if count == 1 { "one approval on this head".to_owned() } else { format!("{count} approvals on this head") }
}

/// Reviewers with write access, by their newest opinion on this head; whoever asked for changes is heard on any head.
fn approvals(count: u32, people: &mut People<'_>) -> Found {
    let code = Some(ReasonCode::WaitsReview);
    let reviews = match people.facts.reviews.get() {
        Ok(reviews) => reviews,
        Err(because) => return (Verdict::Unknown, short(because), Some(ReasonCode::WaitsGithub)),
    };
    let (mut sure, mut perhaps, mut names) = (0_u32, 0_u32, Vec::new());
    let mut against = Verdict::Unmet;
    let mut objector = "";
    for review in reviews {
        if people.facts.is_author(&review.by) || review.state == Opinion::Dismissed {
            continue;
        }
        let may = people.has_right(&review.by, Right::Write);
        match review.state {
            Opinion::ChangesRequested if may > against => (against, objector) = (may, &review.by),
            Opinion::Approved if !review.outdated && may == Verdict::Met => {
                sure += 1;
                names.push(review.by.as_str());
            }
            Opinion::Approved if !review.outdated && may == Verdict::Unknown => perhaps += 1,
            Opinion::Approved | Opinion::ChangesRequested | Opinion::Dismissed => {}
        }
    }
    let seen = if names.is_empty() { "nobody yet".to_owned() } else { names.join(", ") };
    match () {
        () if against == Verdict::Met => (Verdict::Unmet, format!("{objector} asked for changes"), code),
        () if sure >= count && against == Verdict::Unmet => (Verdict::Met, seen, None),
        () if sure + perhaps >= count => {
            (Verdict::Unknown, format!("{seen}; not every reviewer's right is known"), code)
        }
        () => (Verdict::Unmet, seen, code),
    }
}

fn owners(people: &mut People<'_>) -> Found {
    let code = Some(ReasonCode::WaitsReview);
    let (reviews, groups) = match (people.facts.reviews.get(), people.facts.owners.get()) {
        (Ok(reviews), Ok(groups)) => (reviews, groups),
        (Err(because), _) | (_, Err(because)) => {
            return (Verdict::Unknown, short(because), Some(ReasonCode::WaitsGithub));
        }
    };
    if groups.is_empty() {
        return (Verdict::NotApplicable, "nobody owns what it touches".to_owned(), None);
    }
    let mut worst = (Verdict::Met, "an owner of each".to_owned(), code);
    for group in groups {
        let mut best = Verdict::Unmet;
        for review in reviews.iter().filter(|review| review.state == Opinion::Approved && !review.outdated) {
            if !people.facts.is_author(&review.by) {
                best = best.max(people.owns(&review.by, group));
            }
        }
        if best < worst.0 {
            let names: Vec<String> = group.owners.iter().map(|owner| owner.to_string().replace('@', "")).collect();
            let path = group.paths.first().map_or("", String::as_str);
            worst = (best, format!("not yet for {} ({})", short(path), names.join(" or ")), code);
        }
    }
    worst
}

fn confirm_words(confirm: &ConfirmRequirement) -> String {
    let who = who_words(confirm);
    match confirm.count {
        _ if !confirm.each.is_empty() => format!("{who} confirm, each another person"),
        1 => format!("{who} confirms"),
        count => format!("{count} people confirm: {who}"),
    }
}

fn confirmed(confirm: &ConfirmRequirement, people: &mut People<'_>) -> Found {
    let (verdict, seen) = people.confirmed(confirm);
    (verdict, seen, Some(ReasonCode::WaitsConfirm))
}

/// What protection requires, as requirements.
pub(super) fn of_protection(facts: &UnitFacts, fresh: Fresh) -> Vec<Requirement> {
    match facts.protection.get() {
        Err(_) => vec![Requirement::Protection],
        Ok(names) => names.iter().map(|name| Requirement::Evidence { name: required(name), fresh }).collect(),
    }
}

fn required(name: &RequiredName) -> EvidenceName {
    match name {
        RequiredName::Name(name) => EvidenceName { name: name.clone(), app: None, count: 1 },
        RequiredName::Full { name, app } => EvidenceName { name: name.clone(), app: *app, count: 1 },
    }
}
