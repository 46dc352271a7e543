//! Whether the App was granted what its manifest asks for.

use std::collections::BTreeMap;

use crate::doctor::Check;
use crate::github::manifest::{Asked, suffices};

/// Where permissions and events were granted.
#[derive(Debug, Clone, Copy)]
pub(in crate::doctor) enum Holder<'a> {
    /// The App's own registration.
    App,
    /// An installation: its owner accepts what the App asks for anew.
    Installation(&'a str),
}

/// What was granted against what is asked for.
pub(in crate::doctor) fn grants(
    holder: Holder<'_>,
    permissions: &BTreeMap<String, String>,
    events: &[String],
    asked: &Asked,
) -> Vec<Check> {
    let lacking: Vec<String> = asked
        .permissions
        .iter()
        .filter(|(name, level)| !suffices(permissions.get(*name).map_or("", String::as_str), level))
        .map(|(name, level)| format!("{name}: {level}"))
        .collect();
    let unsubscribed: Vec<&String> = asked.events.iter().filter(|event| !events.contains(event)).collect();
    let mut checks = vec![
        judged("permissions", holder, &quoted(&lacking), lacking.is_empty(), "permission"),
        judged("events", holder, &quoted(&unsubscribed), unsubscribed.is_empty(), "event"),
    ];
    if let Holder::Installation(account) = holder {
        checks = checks.into_iter().map(|check| check.about(account)).collect();
    }
    checks
}

/// All of them: each has to be ticked by hand.
fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

fn judged(name: &'static str, holder: Holder<'_>, lacking: &str, whole: bool, what: &str) -> Check {
    if whole {
        return Check::ok(name, format!("every {what} that the manifest asks for is there"));
    }
    let next = match holder {
        Holder::App => format!("Add the {what}s on the App's settings page under \"Permissions & events\"; owners of installations then accept them."),
        Holder::Installation(_) => {
            "Its owner accepts the App's new permissions under Settings, Applications; add them to the App first if they are missing there.".to_owned()
        }
    };
    Check::broken(name, format!("missing: {lacking}"), next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;
    use crate::github::manifest::asked;

    #[test]
    fn what_is_missing_is_named() {
        let whole = asked();
        let without = |name: &str| {
            let mut permissions = whole.permissions.clone();
            permissions.remove(name);
            permissions
        };
        let mut weak = whole.permissions.clone();
        weak.insert("checks".into(), "read".into());
        let mut strong = whole.permissions.clone();
        strong.insert("issues".into(), "admin".into());
        let cases = [
            ("whole", whole.permissions.clone(), None),
            ("more", strong, None),
            ("one less", without("merge_queues"), Some("missing: `merge_queues: write`")),
            ("too weak", weak, Some("missing: `checks: write`")),
        ];
        for (case, permissions, expected) in cases {
            let checks = grants(Holder::Installation("acme"), &permissions, &whole.events, whole);
            let seen = checks[0].seen.as_str();
            match expected {
                None => assert_eq!(checks[0].verdict, Verdict::Ok, "{case}: {seen}"),
                Some(expected) => assert_eq!((checks[0].verdict, seen), (Verdict::Broken, expected), "{case}"),
            }
            assert_eq!(checks[0].about.as_deref(), Some("acme"));
        }
        let few: Vec<String> = whole.events.iter().filter(|event| *event != "merge_group").cloned().collect();
        let checks = grants(Holder::App, &whole.permissions, &few, whole);
        assert_eq!((checks[1].name, checks[1].seen.as_str()), ("events", "missing: `merge_group`"));
        assert_eq!(checks[1].about, None);
    }
}
