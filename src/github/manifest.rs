//! What the App asks of GitHub: `app-manifest.yml`, the one source for the set-up flow and for `doctor`.
//!
//! Contract: <https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest>

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

/// The manifest as it lies beside this program's sources.
const TEXT: &str = include_str!("../../app-manifest.yml");

/// What the App has to be granted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Asked {
    /// Name to `read` or `write`.
    #[serde(rename = "default_permissions")]
    pub permissions: BTreeMap<String, String>,
    /// The events it reads, by their names in `X-GitHub-Event`.
    #[serde(rename = "default_events")]
    pub events: Vec<String>,
}

static WHOLE: LazyLock<Value> =
    LazyLock::new(|| serde_saphyr::from_str(TEXT).expect("the manifest is part of the program, and a test reads it"));

static ASKED: LazyLock<Asked> =
    LazyLock::new(|| Asked::deserialize(&*WHOLE).expect("the manifest is part of the program, and a test reads it"));

/// What the App has to be granted.
#[must_use]
pub fn asked() -> &'static Asked {
    &ASKED
}

/// The manifest of one server. `public` is where GitHub reaches it, `browser` where the browser that registers it does; neither ends
/// in a slash.
#[must_use]
pub fn of(public: &str, browser: &str) -> Value {
    let mut manifest = WHOLE.clone();
    manifest["url"] = json!(public);
    manifest["hook_attributes"]["url"] = json!(format!("{public}/webhooks/github"));
    manifest["redirect_url"] = json!(format!("{browser}/setup/done"));
    // After a login GitHub sends people back to where they came from: the address in public, or the one on this machine.
    let mut back = vec![format!("{public}/login/done")];
    if browser != public {
        back.push(format!("{browser}/login/done"));
    }
    manifest["callback_urls"] = json!(back);
    manifest
}

/// Whether a granted level is enough for one that is needed.
#[must_use]
pub fn suffices(granted: &str, needed: &str) -> bool {
    let rank = |level: &str| ["read", "write", "admin"].iter().position(|one| *one == level);
    rank(granted) >= rank(needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_addresses_are_filled_in_and_the_rest_is_the_file() {
        let filled = of("https://flyball.acme.test", "http://127.0.0.1:3000");
        assert_eq!(filled["url"], "https://flyball.acme.test");
        assert_eq!(filled["hook_attributes"]["url"], "https://flyball.acme.test/webhooks/github");
        assert_eq!(filled["hook_attributes"]["active"], true);
        assert_eq!(filled["redirect_url"], "http://127.0.0.1:3000/setup/done");
        let back = ["https://flyball.acme.test/login/done", "http://127.0.0.1:3000/login/done"];
        assert_eq!(filled["callback_urls"], json!(back));
        assert_eq!(filled["request_oauth_on_install"], false);
        assert_eq!(filled["default_permissions"]["checks"], "write");
        assert_eq!(
            filled["default_permissions"].as_object().map(serde_json::Map::len),
            Some(asked().permissions.len())
        );
        assert!(asked().events.iter().any(|event| event == "merge_group"));
        assert!(!filled.to_string().contains("example"), "nothing of the example is left: {filled}");
    }

    #[test]
    fn more_is_enough() {
        let cases = [
            ("read", "read", true),
            ("read", "write", false),
            ("write", "read", true),
            ("admin", "write", true),
            ("", "read", false),
        ];
        for (granted, needed, expected) in cases {
            assert_eq!(suffices(granted, needed), expected, "{granted} for {needed}");
        }
    }
}
