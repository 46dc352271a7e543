//! Whether we can speak as the App, and whether the clocks agree.

use crate::doctor::{Check, Verdict};
use crate::github::{AppShown, GitHubError, Installation};

/// GitHub refuses signatures from a clock that is off by more (FACTS A1), in seconds.
const TOO_FAR: u64 = 60;
/// From here on it is worth a word, in seconds.
const FAR: u64 = 20;

/// What is known of the file that holds the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) enum File {
    /// They come from flags or environment, or there is no file.
    NotUsed,
    /// Only its owner reads it.
    Private,
    /// Others may read it.
    OpenToOthers,
}

/// Whether the credentials work.
pub(in crate::doctor) fn credentials(app_id: u64, answered: &Result<AppShown, GitHubError>) -> Check {
    const NAME: &str = "credentials";
    let fix = "Set FLYBALL_GITHUB_APP_ID and the private key of the same App; its settings page shows the one and makes the other.";
    match answered {
        Ok(app) if app.id == app_id => Check::ok(NAME, format!("GitHub knows us as `{}`, App {}", app.slug, app.id)),
        Ok(app) => Check::broken(NAME, format!("the key belongs to App {}, the settings say {app_id}", app.id), fix),
        Err(error @ GitHubError::Refused { status: 401 | 404, .. }) => Check::broken(NAME, error.to_string(), fix),
        Err(error @ GitHubError::ClockWrong { .. }) => {
            Check::broken(NAME, error.to_string(), "Set this machine's clock by NTP.")
        }
        Err(error @ GitHubError::Settings(_)) => Check::broken(NAME, error.to_string(), fix),
        Err(error) => Check::unknown(NAME, error.to_string()),
    }
}

/// Without any credentials.
pub(in crate::doctor) fn none(why: &str) -> Check {
    Check::broken(
        "credentials",
        why,
        "Start `flyball serve` and open the link that it prints: /setup registers the App.",
    )
}

/// Whether others may read the credentials.
pub(in crate::doctor) fn file(file: File) -> Option<Check> {
    const NAME: &str = "credentials.file";
    match file {
        File::NotUsed => None,
        File::Private => Some(Check::ok(NAME, "only its owner may read the credentials file")),
        File::OpenToOthers => Some(Check::warning(
            NAME,
            "others on this machine may read the credentials file",
            "Take their rights away: chmod 600 on the file.",
        )),
    }
}

/// Whether this machine's clock agrees with GitHub's.
pub(in crate::doctor) fn clock(answered: &Result<AppShown, GitHubError>) -> Check {
    const NAME: &str = "clock";
    let ahead = match answered {
        Ok(app) => app.clock_ahead_seconds,
        Err(GitHubError::ClockWrong { ahead_seconds }) => Some(*ahead_seconds),
        Err(_) => None,
    };
    let Some(ahead) = ahead else { return Check::unknown(NAME, "GitHub's answer did not say what time it is there") };
    let off = ahead.unsigned_abs();
    let seen = match ahead {
        0 => "this machine's clock agrees with GitHub's".to_owned(),
        1.. => format!("this machine's clock is {off} s ahead of GitHub's"),
        _ => format!("this machine's clock is {off} s behind GitHub's"),
    };
    let verdict = match off {
        0..=FAR => Verdict::Ok,
        _ if off <= TOO_FAR => Verdict::Warning,
        _ => Verdict::Broken,
    };
    let check = Check::new(NAME, verdict, seen);
    if verdict == Verdict::Ok {
        check
    } else {
        check.then("Set this machine's clock by NTP: GitHub refuses signatures that are a minute off.")
    }
}

/// Where the App is installed.
pub(in crate::doctor) fn installed(
    listed: &Result<Vec<Installation>, GitHubError>,
    app: Option<&AppShown>,
) -> Vec<Check> {
    const NAME: &str = "installations";
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) => return vec![Check::unknown(NAME, error.to_string())],
    };
    if listed.is_empty() {
        let page = app.and_then(|app| app.html_url.as_deref()).unwrap_or("the App's page");
        let next = format!("Install it on a repository: {page}/installations/new.");
        return vec![Check::warning(NAME, "the App is not installed anywhere", next)];
    }
    let count = listed.len();
    let mut checks =
        vec![Check::ok(NAME, format!("installed on {count} account{}", if count == 1 { "" } else { "s" }))];
    for one in listed.iter().filter(|one| one.suspended_at.is_some()) {
        let check = Check::warning(
            NAME,
            "the installation is suspended: nothing can be read or written there",
            "Its owner lifts that under Settings, Applications.",
        );
        checks.push(check.about(&name(one)));
    }
    checks
}

/// An installation as people know it.
pub(in crate::doctor) fn name(installation: &Installation) -> String {
    installation.account.clone().unwrap_or_else(|| format!("installation {}", installation.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Broken, Ok as Fine, Unknown, Warning};

    fn app(id: u64, clock_ahead_seconds: Option<i64>) -> AppShown {
        let (permissions, events) = Default::default();
        AppShown { id, slug: "flyball".into(), html_url: None, permissions, events, clock_ahead_seconds }
    }

    #[test]
    fn credentials_work_or_say_what_to_set() {
        let refused = |status| Err(GitHubError::Refused { status, message: "no".into() });
        let cases = [
            ("work", Ok(app(7, None)), Fine),
            ("of another App", Ok(app(8, None)), Broken),
            ("401", refused(401), Broken),
            ("404", refused(404), Broken),
            ("clock", Err(GitHubError::ClockWrong { ahead_seconds: 90 }), Broken),
            ("key unreadable", Err(GitHubError::Settings("the key".into())), Broken),
            ("away", Err(GitHubError::Unreachable { because: "no route".into(), sent: false }), Unknown),
            ("limited", Err(GitHubError::Limited { seconds: 9 }), Unknown),
        ];
        for (case, answered, verdict) in cases {
            let check = credentials(7, &answered);
            assert_eq!((check.verdict, check.next.is_some()), (verdict, verdict == Broken), "{case}: {check:?}");
        }
    }

    #[test]
    fn the_clock_may_be_off_by_a_little() {
        let cases = [
            (0, Fine),
            (20, Fine),
            (-20, Fine),
            (21, Warning),
            (-60, Warning),
            (61, Broken),
            (-3600, Broken),
            (i64::MIN, Broken),
        ];
        for (ahead, verdict) in cases {
            let check = clock(&Ok(app(7, Some(ahead))));
            assert_eq!((check.verdict, check.next.is_some()), (verdict, verdict != Fine), "{ahead}: {check:?}");
        }
        assert_eq!(clock(&Ok(app(7, None))).verdict, Unknown);
        assert_eq!(
            clock(&Err(GitHubError::ClockWrong { ahead_seconds: -70 })).seen,
            "this machine's clock is 70 s behind GitHub's"
        );
    }
}
