//! Who opened a unit: a person, a coding agent, a bot, another App. Known accounts first, then what the policy names, then trailers.

use serde::{Deserialize, Serialize};

use super::facts::{AuthorFacts, AuthorKind, fits};
use super::file::Agents;

/// Accounts of coding agents: login, name.
const AGENT_LOGINS: [(&str, &str); 14] = [
    ("copilot", "copilot"),
    ("copilot-swe-agent*", "copilot"),
    ("claude", "claude"),
    ("claude[bot]", "claude"),
    ("claude-code*[bot]", "claude"),
    ("devin-ai-integration[bot]", "devin"),
    ("cursor[bot]", "cursor"),
    ("cursoragent", "cursor"),
    ("google-labs-jules[bot]", "jules"),
    ("chatgpt-codex-connector[bot]", "codex"),
    ("openai-codex*", "codex"),
    ("openhands-agent", "openhands"),
    ("sweep-ai*", "sweep"),
    ("gemini-cli[bot]", "gemini"),
];

/// What `Co-authored-by:` lines of agents hold: pattern of name or address, name.
const AGENT_TRAILERS: [(&str, &str); 11] = [
    ("*noreply@anthropic.com", "claude"),
    ("*copilot@users.noreply.github.com", "copilot"),
    ("*copilot@github.com", "copilot"),
    ("*cursoragent@cursor.com", "cursor"),
    ("*devin-ai-integration[bot]@users.noreply.github.com", "devin"),
    ("*google-labs-jules[bot]@users.noreply.github.com", "jules"),
    ("*@aider.chat", "aider"),
    ("aider (*", "aider"),
    ("*openhands@all-hands.dev", "openhands"),
    ("*noreply@openai.com", "codex"),
    ("*codex@openai.com", "codex"),
];

/// Bots that do one known thing.
const BOTS: [&str; 10] = [
    "dependabot[bot]",
    "dependabot-preview[bot]",
    "renovate[bot]",
    "renovate-bot",
    "github-actions[bot]",
    "pre-commit-ci[bot]",
    "snyk-bot",
    "pyup-bot",
    "greenkeeper[bot]",
    "allcontributors[bot]",
];

/// A `Co-authored-by:` line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoAuthor {
    /// The name before the address.
    pub name: String,
    /// The address.
    pub email: String,
}

impl CoAuthor {
    /// The lines of a commit message, with any spelling of the key.
    #[must_use]
    pub fn of(message: &str) -> Vec<Self> {
        let line = |line: &str| {
            let (key, rest) = line.trim().split_once(':')?;
            if !key.trim().eq_ignore_ascii_case("co-authored-by") {
                return None;
            }
            let (name, address) = rest.rsplit_once('<').unwrap_or((rest, ""));
            Some(Self { name: name.trim().to_owned(), email: address.trim().trim_end_matches('>').to_owned() })
        };
        message.lines().filter_map(line).collect()
    }

    /// The login in an address of GitHub's, `1+login@users.noreply.github.com`.
    #[must_use]
    pub fn login(&self) -> Option<String> {
        let local = self.email.strip_suffix("@users.noreply.github.com")?;
        Some(local.split_once('+').map_or(local, |(_, login)| login).to_ascii_lowercase())
    }
}

/// Recognises who opened a unit. `is_bot` is GitHub's own word for the account.
///
/// A kind that only a co-author line claims is kept apart ([`AuthorFacts::by_trailer`]): it may add care and never permit.
#[must_use]
pub fn recognise(login: &str, id: u64, is_bot: bool, co_authors: &[CoAuthor], policy: &Agents) -> AuthorFacts {
    let known = AGENT_LOGINS.iter().find(|(pattern, _)| fits(pattern, login)).map(|(_, name)| (*name).to_owned());
    let named = || policy.logins.iter().any(|pattern| fits(pattern.trim_start_matches('@'), login));
    let agent = known.or_else(|| named().then(|| login.trim_end_matches("[bot]").to_ascii_lowercase()));
    let kind = match () {
        () if agent.is_some() => AuthorKind::Agent,
        () if BOTS.iter().any(|bot| bot.eq_ignore_ascii_case(login)) => AuthorKind::Bot,
        () if is_bot || login.to_ascii_lowercase().ends_with("[bot]") => AuthorKind::App,
        () => AuthorKind::Human,
    };
    let by_trailer =
        if kind == AuthorKind::Agent { None } else { co_authors.iter().find_map(|one| claimed(one, policy)) };
    AuthorFacts { login: login.to_owned(), id, kind, name: agent, by_trailer }
}

fn claimed(one: &CoAuthor, policy: &Agents) -> Option<String> {
    let holds = |pattern: &str| fits(pattern, &one.email) || fits(pattern, &one.name);
    let known = AGENT_TRAILERS.iter().find(|(pattern, _)| holds(pattern)).map(|(_, name)| (*name).to_owned());
    known.or_else(|| policy.co_authors.iter().any(|pattern| holds(pattern)).then(|| one.name.to_lowercase()))
}
