//! What protects a branch, from two systems and with what may be seen of them.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{at, client, get, lines, ok, refused, server, unknown};
use crate::domain::govern::{BaseRules, Fact, MergeMethod, Need, RequiredCheck};
use crate::github::GitHub;

const RULES: &str = "/repos/acme/site/rules/branches/release%2F1.x";
const BRANCH: &str = "/repos/acme/site/branches/release%2F1.x";

fn required(context: &str, app: Option<u64>) -> RequiredCheck {
    RequiredCheck { context: context.to_owned(), app }
}

async fn rules(
    rulesets: ResponseTemplate,
    classic: ResponseTemplate,
    branch: Option<ResponseTemplate>,
) -> (Fact, usize) {
    let server = server().await;
    get(RULES, rulesets).mount(&server).await;
    get(&format!("{BRANCH}/protection"), classic).mount(&server).await;
    if let Some(branch) = branch {
        get(BRANCH, branch).mount(&server).await;
    }
    let fact = client(&server).read(&at(), &Need::Rules("release/1.x".to_owned())).await;
    (fact, lines(&server).await.len())
}

fn none() -> ResponseTemplate {
    refused(404, "Branch not protected")
}

fn checks(list: &Value) -> Value {
    json!({ "type": "required_status_checks", "parameters": { "strict_required_status_checks_policy": true, "required_status_checks": list } })
}

#[tokio::test]
async fn both_systems_apply_together() {
    let rulesets = json!([
        checks(&json!([{ "context": "flyball", "integration_id": 4242 }, { "context": "lint" }])),
        { "type": "pull_request", "parameters": { "allowed_merge_methods": ["squash", "rebase"], "required_approving_review_count": 1 } },
        { "type": "pull_request", "parameters": { "allowed_merge_methods": ["merge", "squash"] } },
        { "type": "merge_queue", "parameters": { "merge_method": "SQUASH", "grouping_strategy": "ALLGREEN" } },
        { "type": "deletion" },
        { "type": "a_rule_of_tomorrow", "parameters": { "x": 1 } },
    ]);
    let classic = json!({ "required_status_checks": { "strict": false, "contexts": ["test", "flyball"],
        "checks": [{ "context": "test", "app_id": -1 }, { "context": "flyball", "app_id": null }, { "context": "bound", "app_id": 9 }] } });
    let (fact, requests) = rules(ok(rulesets), ok(classic), None).await;
    let expected = BaseRules {
        protected: true,
        required: vec![
            required("bound", Some(9)),
            required("flyball", Some(4242)),
            required("lint", None),
            required("test", None),
        ],
        merge_queue: true,
        methods: vec![MergeMethod::Squash],
        unread: None,
    };
    assert_eq!((fact, requests), (Fact::Rules(expected), 2));
}

#[tokio::test]
async fn a_branch_that_nothing_protects_says_so() {
    for (rulesets, classic) in [
        (ok(json!([])), none()),
        (
            refused(403, "Upgrade to GitHub Pro or make this repository public to enable this feature."),
            refused(403, "Upgrade to GitHub Pro or make this repository public to enable this feature."),
        ),
    ] {
        assert_eq!(rules(rulesets, classic, None).await, (Fact::Rules(BaseRules::default()), 2));
    }
}

#[tokio::test]
async fn without_the_permission_the_branch_still_shows_its_required_checks() {
    let branch = json!({ "name": "release/1.x", "protected": true,
        "protection": { "enabled": true, "required_status_checks": { "enforcement_level": "everyone", "contexts": ["test"], "checks": [{ "context": "test", "app_id": 3 }] } } });
    let (fact, requests) =
        rules(ok(json!([])), refused(403, "Resource not accessible by integration"), Some(ok(branch))).await;
    let Fact::Rules(found) = fact else { panic!("not read") };
    assert_eq!((found.protected, found.required, requests), (true, vec![required("test", Some(3))], 3));
    let expected =
        "classic protection of `release/1.x` could not be read whole (403: Resource not accessible by integration)";
    assert_eq!(found.unread.as_deref(), Some(expected));
}

#[tokio::test]
async fn rules_that_may_not_be_seen_are_named_and_rules_that_fail_are_unknown() {
    let (fact, _) = rules(refused(404, "Not Found"), none(), None).await;
    let Fact::Rules(found) = fact else { panic!("not read") };
    assert_eq!(found.unread.as_deref(), Some("rulesets of `release/1.x` could not be read (404: Not Found)"));
    let (fact, _) = rules(refused(500, "Server Error"), none(), None).await;
    assert_eq!(unknown(fact).because, "GitHub answered 500: Server Error");
}
