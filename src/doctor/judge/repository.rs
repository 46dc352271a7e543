//! Whether a repository's default branch asks for our check, and what silently jams it.

use std::collections::BTreeSet;

use super::listed;
use crate::doctor::Check;
use crate::domain::govern::BaseRules;
use crate::domain::policy::{Finding, Level};
use crate::github::RepoShown;

/// The name of our check run: what protection has to require.
const OURS: &str = "flyball";
/// With so many pull requests looked at, a check on none of them is not late but missing.
const ENOUGH: usize = 2;

/// Which checks were reported lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::doctor) struct Reported {
    /// Names of check runs and statuses, ours left out.
    pub(in crate::doctor) names: BTreeSet<String>,
    /// How many heads of open pull requests were looked at, beside the default branch.
    pub(in crate::doctor) pulls: usize,
}

/// What was read of a repository; each part may be unread, with the reason.
#[derive(Debug, Clone)]
pub(in crate::doctor) struct RepoSeen {
    pub(in crate::doctor) repo: RepoShown,
    pub(in crate::doctor) rules: Result<BaseRules, String>,
    pub(in crate::doctor) reported: Result<Reported, String>,
    /// Other programs that merge, by name.
    pub(in crate::doctor) bots: Result<Vec<String>, String>,
    /// Logins of people with write access.
    pub(in crate::doctor) writers: Result<Vec<String>, String>,
    pub(in crate::doctor) policy: Result<PolicyShown, String>,
}

/// What the policy file says that matters here; the default is that of no file.
#[derive(Debug, Clone, Default)]
pub(in crate::doctor) struct PolicyShown {
    /// What is wrong with it; `None` where there is none.
    pub(in crate::doctor) findings: Option<Vec<Finding>>,
    /// Whether it only observes.
    pub(in crate::doctor) observes: bool,
    /// Whether authors may confirm their own.
    pub(in crate::doctor) author_confirms: bool,
}

/// Every check of one repository.
pub(in crate::doctor) fn repository(app_id: u64, seen: &RepoSeen) -> Vec<Check> {
    let name = &seen.repo.full_name;
    if seen.repo.archived {
        return vec![Check::ok("repository", "it is archived: nothing lands there").about(name)];
    }
    let branch = &seen.repo.default_branch;
    let mut checks = Vec::new();
    let observes = seen.policy.as_ref().is_ok_and(|policy| policy.observes);
    match &seen.rules {
        Ok(_) if observes => {
            checks.push(Check::ok("repository.check", "the policy only observes: nothing has to wait for our check"));
        }
        Ok(rules) => {
            checks.push(our_check(app_id, branch, rules));
            checks.push(reported(rules, &seen.reported));
            checks.push(queue(branch, rules));
            checks.push(auto_merge(seen.repo.allow_auto_merge, is_required(app_id, rules)));
        }
        Err(why) => checks.push(Check::unknown("repository.check", why)),
    }
    checks.push(bots(&seen.bots));
    checks.push(policy(&seen.policy));
    checks.push(people(&seen.writers, &seen.policy));
    checks.into_iter().map(|check| check.about(name)).collect()
}

fn is_required(app_id: u64, rules: &BaseRules) -> bool {
    rules.required.iter().any(|check| check.context == OURS && check.app.is_none_or(|app| app == app_id))
}

fn our_check(app_id: u64, branch: &str, rules: &BaseRules) -> Check {
    const NAME: &str = "repository.check";
    let ours: Vec<Option<u64>> =
        rules.required.iter().filter(|check| check.context == OURS).map(|check| check.app).collect();
    if ours.contains(&Some(app_id)) {
        return Check::ok(NAME, format!("`{branch}` requires `{OURS}` from our App"));
    }
    if let Some(Some(other)) = ours.iter().find(|app| app.is_some()) {
        let next = format!("Choose our App as the source of `{OURS}` in the protection of `{branch}`.");
        let seen = format!(
            "`{branch}` requires `{OURS}` from App {other}, and we are App {app_id}: what we report does not count"
        );
        return Check::broken(NAME, seen, next);
    }
    if !ours.is_empty() {
        let next = format!("Choose our App as the source of `{OURS}` in the protection of `{branch}`.");
        return Check::warning(
            NAME,
            format!("`{branch}` requires `{OURS}` from anybody: others could report it"),
            next,
        );
    }
    if let Some(why) = &rules.unread {
        return Check::unknown(NAME, why.clone());
    }
    let next =
        format!("Require the check `{OURS}` with our App as its source, by a ruleset or the protection of `{branch}`.");
    if rules.protected {
        return Check::broken(
            NAME,
            format!("the protection of `{branch}` does not require `{OURS}`: nothing waits for it"),
            next,
        );
    }
    Check::broken(NAME, format!("nothing protects `{branch}`: anything lands there"), next)
}

fn reported(rules: &BaseRules, reported: &Result<Reported, String>) -> Check {
    const NAME: &str = "repository.required";
    let required: BTreeSet<&str> =
        rules.required.iter().map(|check| check.context.as_str()).filter(|name| *name != OURS).collect();
    if required.is_empty() {
        return Check::ok(NAME, "no other check is required");
    }
    let reported = match reported {
        Ok(reported) => reported,
        Err(why) => return Check::unknown(NAME, why.clone()),
    };
    // Contexts of statuses do not differ by case alone (FACTS C15).
    let known: BTreeSet<String> = reported.names.iter().map(|name| name.to_lowercase()).collect();
    let silent: Vec<&str> = required.iter().copied().filter(|name| !known.contains(&name.to_lowercase())).collect();
    let looked = match reported.pulls {
        0 => "the default branch".to_owned(),
        1 => "the default branch and the newest pull request".to_owned(),
        count => format!("the default branch and the newest {count} pull requests"),
    };
    if silent.is_empty() {
        return Check::ok(NAME, format!("every required check was reported on {looked}"));
    }
    let seen = format!("nobody reported {} on {looked}", listed(&silent));
    let next = "Take it out of the required checks, or bring back what reports it under exactly this name: until then nothing lands.";
    if reported.pulls >= ENOUGH { Check::broken(NAME, seen, next) } else { Check::warning(NAME, seen, next) }
}

fn queue(branch: &str, rules: &BaseRules) -> Check {
    const NAME: &str = "repository.queue";
    if rules.merge_queue {
        return Check::ok(
            NAME,
            format!("GitHub's merge queue guards `{branch}`; Flyball adds to it and answers its groups"),
        );
    }
    Check::ok(NAME, format!("`{branch}` has no merge queue; Flyball merges by itself"))
}

fn auto_merge(allowed: Option<bool>, required: bool) -> Check {
    const NAME: &str = "repository.auto_merge";
    match (allowed, required) {
        (None, _) => Check::unknown(NAME, "GitHub does not show whether auto-merge is allowed"),
        (Some(false), _) => Check::ok(NAME, "auto-merge is switched off"),
        (Some(true), true) => Check::ok(NAME, "auto-merge is allowed, and waits for our check"),
        (Some(true), false) => Check::warning(
            NAME,
            "auto-merge is allowed, and does not wait for our check",
            "Require our check, or switch auto-merge off in the repository's settings.",
        ),
    }
}

fn bots(found: &Result<Vec<String>, String>) -> Check {
    const NAME: &str = "repository.bots";
    match found {
        Ok(found) if found.is_empty() => Check::ok(NAME, "no other program that merges was found"),
        Ok(found) => Check::warning(
            NAME,
            format!("{} may merge here too", found.join(", ")),
            "Let one of them merge: two that order the same branch work against each other.",
        ),
        Err(why) => Check::unknown(NAME, why.clone()),
    }
}

/// Whether there is anybody who may confirm.
fn people(writers: &Result<Vec<String>, String>, policy: &Result<PolicyShown, String>) -> Check {
    const NAME: &str = "repository.people";
    let writers = match writers {
        Ok(writers) => writers,
        Err(why) => return Check::unknown(NAME, why.clone()),
    };
    let may = policy.as_ref().is_ok_and(|policy| policy.author_confirms);
    match writers.as_slice() {
        [] => Check::unknown(NAME, "GitHub names nobody with write access"),
        [alone] if !may => Check::warning(
            NAME,
            format!("only {alone} has write access, and nobody confirms their own pull requests"),
            "Give somebody else write access, or set `confirm: {author: true}` in `.github/flyball.yml`.",
        ),
        [alone] => Check::ok(NAME, format!("{alone} alone has write access, and may confirm their own")),
        several => Check::ok(NAME, format!("{} people have write access", several.len())),
    }
}

fn policy(file: &Result<PolicyShown, String>) -> Check {
    const NAME: &str = "repository.policy";
    let findings = match file.as_ref().map(|shown| &shown.findings) {
        Ok(None) => return Check::ok(NAME, "there is no policy file: the safe defaults hold"),
        Ok(Some(findings)) => findings,
        Err(why) => return Check::unknown(NAME, why.clone()),
    };
    let of = |level: Level| findings.iter().find(|finding| finding.level == level);
    let place = |finding: &Finding| {
        finding.at.map_or_else(|| finding.message.clone(), |at| format!("line {}: {}", at.line, finding.message))
    };
    let next = "Put the file right; `flyball policy check` says the same offline.";
    match (of(Level::Error), of(Level::Warning)) {
        (Some(error), _) => {
            Check::broken(NAME, format!("the policy file is invalid and not in force: {}", place(error)), next)
        }
        (None, Some(warning)) => Check::warning(NAME, place(warning), next),
        (None, None) => Check::ok(NAME, "the policy file is valid"),
    }
}

/// What a file or folder at the top of the repository says about other programs that merge.
pub(in crate::doctor) const BOT_FILES: [(&str, &str); 4] =
    [(".mergify.yml", "Mergify"), ("bors.toml", "bors"), (".kodiak.toml", "Kodiak"), (".bulldozer.yml", "Bulldozer")];

/// The same for what lies in `.github`.
pub(in crate::doctor) const BOT_FILES_IN_GITHUB: [(&str, &str); 6] = [
    ("mergify.yml", "Mergify"),
    ("bors.toml", "bors"),
    (".kodiak.toml", "Kodiak"),
    ("merge-bot", "a merge bot"),
    ("merge-bot.yml", "a merge bot"),
    (".bulldozer.yml", "Bulldozer"),
];

/// The same for Apps that take part in checks.
pub(in crate::doctor) const BOT_APPS: [(&str, &str); 6] = [
    ("mergify", "Mergify"),
    ("bors", "bors"),
    ("kodiakhq", "Kodiak"),
    ("aviator-app", "Aviator"),
    ("graphite-app", "Graphite"),
    ("trunk-io", "Trunk"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict::{self, Broken, Ok as Fine, Unknown, Warning};
    use crate::domain::govern::RequiredCheck;

    fn requires(checks: &[(&str, Option<u64>)]) -> BaseRules {
        let required = checks.iter().map(|(context, app)| RequiredCheck { context: (*context).into(), app: *app });
        BaseRules { protected: true, required: required.collect(), ..BaseRules::default() }
    }

    fn right() -> RepoSeen {
        RepoSeen {
            repo: RepoShown {
                full_name: "acme/shop".into(),
                default_branch: "main".into(),
                archived: false,
                allow_auto_merge: Some(true),
            },
            rules: Ok(requires(&[(OURS, Some(7)), ("ci", None)])),
            reported: Ok(Reported { names: ["CI".to_owned()].into(), pulls: 3 }),
            bots: Ok(Vec::new()),
            writers: Ok(vec!["alice".into(), "bob".into()]),
            policy: Ok(PolicyShown::default()),
        }
    }

    fn finding(level: Level) -> PolicyShown {
        let findings = Some(vec![Finding { level, at: None, message: "`mode` is odd".into() }]);
        PolicyShown { findings, ..PolicyShown::default() }
    }

    #[test]
    fn somebody_has_to_be_there_who_may_confirm() {
        let shown = |author_confirms| Ok(PolicyShown { author_confirms, ..PolicyShown::default() });
        let cases = [
            (vec!["alice", "bob"], shown(false), Fine),
            (vec!["alice"], shown(false), Warning),
            (vec!["alice"], Err("unread".to_owned()), Warning),
            (vec!["alice"], shown(true), Fine),
            (vec![], shown(true), Unknown),
        ];
        for (writers, policy, verdict) in cases {
            let writers: Vec<String> = writers.into_iter().map(str::to_owned).collect();
            assert_eq!(people(&Ok(writers.clone()), &policy).verdict, verdict, "{writers:?} {policy:?}");
        }
        assert_eq!(people(&Err("500".into()), &shown(false)).verdict, Unknown);
    }

    #[test]
    fn what_only_observes_needs_no_protection() {
        let policy = Ok(PolicyShown { observes: true, ..PolicyShown::default() });
        let seen = RepoSeen { rules: Ok(BaseRules::default()), policy, ..right() };
        assert!(repository(7, &seen).iter().all(|check| check.verdict == Fine));
    }

    #[test]
    fn a_repository_is_governed_or_says_what_to_change() {
        let rules = |checks: &[(&str, Option<u64>)]| RepoSeen {
            rules: Ok(requires(checks)),
            repo: RepoShown { allow_auto_merge: Some(false), ..right().repo },
            ..right()
        };
        let silent = |pulls| RepoSeen { reported: Ok(Reported { pulls, ..Reported::default() }), ..right() };
        let unread = BaseRules { unread: Some("403".into()), ..requires(&[]) };
        let cases: [(&str, RepoSeen, &str, Verdict, &str); 15] = [
            ("right", right(), "", Fine, ""),
            ("from anybody", rules(&[(OURS, None)]), "repository.check", Warning, "from anybody"),
            ("from another App", rules(&[(OURS, Some(8))]), "repository.check", Broken, "App 8, and we are App 7"),
            ("twice", rules(&[(OURS, Some(7)), (OURS, Some(8))]), "", Fine, ""),
            ("not required", rules(&[("ci", None)]), "repository.check", Broken, "does not require"),
            (
                "unprotected",
                RepoSeen { rules: Ok(BaseRules::default()), ..rules(&[]) },
                "repository.check",
                Broken,
                "nothing protects",
            ),
            ("not all read", RepoSeen { rules: Ok(unread), ..rules(&[]) }, "repository.check", Unknown, "403"),
            ("nothing read", RepoSeen { rules: Err("500".into()), ..right() }, "repository.check", Unknown, "500"),
            ("silent check", silent(3), "repository.required", Broken, "`ci` on the default branch and the newest 3"),
            ("perhaps late", silent(1), "repository.required", Warning, "`ci`"),
            ("unseen", RepoSeen { reported: Err("500".into()), ..right() }, "repository.required", Unknown, "500"),
            (
                "a bot",
                RepoSeen { bots: Ok(vec!["Mergify".into()]), ..right() },
                "repository.bots",
                Warning,
                "Mergify may merge",
            ),
            ("bots unseen", RepoSeen { bots: Err("500".into()), ..right() }, "repository.bots", Unknown, "500"),
            (
                "bad policy",
                RepoSeen { policy: Ok(finding(Level::Error)), ..right() },
                "repository.policy",
                Broken,
                "odd",
            ),
            (
                "odd policy",
                RepoSeen { policy: Ok(finding(Level::Warning)), ..right() },
                "repository.policy",
                Warning,
                "odd",
            ),
        ];
        for (case, seen, name, verdict, words) in cases {
            let checks = repository(7, &seen);
            let wrong: Vec<&Check> = checks.iter().filter(|check| check.verdict != Fine).collect();
            assert_eq!(wrong.len(), usize::from(verdict != Fine), "{case}: {wrong:?}");
            for check in wrong {
                assert_eq!(
                    (check.name, check.verdict, check.about.as_deref()),
                    (name, verdict, Some("acme/shop")),
                    "{case}"
                );
                assert!(check.seen.contains(words), "{case}: {}", check.seen);
                assert_eq!(check.next.is_some(), verdict != Unknown, "{case}");
            }
        }
    }

    #[test]
    fn auto_merge_counts_where_nothing_holds_it_back() {
        let cases =
            [(None, true, Unknown), (Some(false), false, Fine), (Some(true), true, Fine), (Some(true), false, Warning)];
        for (allowed, required, verdict) in cases {
            assert_eq!(auto_merge(allowed, required).verdict, verdict, "{allowed:?} {required}");
        }
    }

    #[test]
    fn an_archived_repository_needs_nothing() {
        let archived =
            RepoSeen { repo: RepoShown { archived: true, ..right().repo }, rules: Err("gone".into()), ..right() };
        assert_eq!(repository(7, &archived).len(), 1);
    }
}
