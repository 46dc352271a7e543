//! Scenes about what changes have to do with each other where git sees nothing.

use anyhow::Context;
use flyball::domain::ids::UnitKey;
use flyball::sim::{Files, Role};

use super::scenes::Day;

impl Day<'_> {
    /// The conflicts that the brief names, as the JSON API gives them.
    async fn shows_conflicts(&self, pr: UnitKey) -> anyhow::Result<()> {
        let unit = self.api(&format!("units/{}", pr.number)).await?;
        for conflict in unit["brief"]["conflicts"].as_array().into_iter().flatten() {
            let text = |key: &str| conflict[key].as_str().unwrap_or("").to_owned();
            let with = conflict["with"].as_u64().map_or_else(String::new, |number| format!(" with #{number}"));
            self.teller.say(&format!("  {}{with}: {}", text("kind"), text("why")));
        }
        Ok(())
    }

    /// What the JSON API says to carol: where nobody signs in, her token does no harm.
    pub(super) async fn api(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        let address = self.stage.address().context("the server is up")?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("http://{address}/api/v1/repos/acme/shop/{path}");
        let token = self.stage.github.user_token("carol");
        Ok(client.get(url).bearer_auth(token).send().await?.error_for_status()?.json().await?)
    }

    pub(super) async fn same_package(&self) -> anyhow::Result<()> {
        self.teller.scene("One dependency, two versions: git would merge both");
        let bump = |folder: &str, version: &str| {
            let manifest = format!("[package]\nname = \"{folder}\"\n\n[dependencies]\nserde = \"{version}\"\n");
            Files::new().with(&format!("{folder}/Cargo.toml"), &manifest)
        };
        self.opens("alice", "The till reads orders with serde 1", bump("till", "1.0")).await;
        let second = self.opens("codebot", "The stock reads orders with serde 2", bump("stock", "2.0")).await;
        self.shows_conflicts(second).await
    }

    pub(super) async fn same_number(&self) -> anyhow::Result<()> {
        self.teller.scene("One migration number, claimed twice: git would merge both");
        let step = |name: &str| Files::new().with(&format!("migrations/0007_{name}.sql"), "select 1;\n");
        self.opens("alice", "Keep invoices", step("invoices")).await;
        let second = self.opens("bob", "Keep refunds", step("refunds")).await;
        self.shows_conflicts(second).await
    }

    pub(super) async fn two_repositories(&self) {
        self.teller.scene("A dependency in another repository");
        let github = &self.stage.github;
        let billing = github.create_repo("acme/billing", Files::new().with("api.md", "# Billing\n"));
        for login in ["alice", "bob"] {
            github.user(billing, login, Role::Write);
        }
        let needed = github.open_pull(billing, "alice", "Offer refunds", Files::new().with("refunds.md", "How.\n"));
        self.teller.say(&format!("**alice** opens **acme/billing#{}**: Offer refunds", needed.number));
        self.settle().await;
        let body = format!("Depends-On: acme/billing#{}", needed.number);
        let files = Files::new().with("src/refund.rs", "pub fn refund() {}\n");
        let pr = github.open_pull_into(self.repo, "main", "bob", "Call the refunds of billing", &body, files);
        self.teller.say(&format!("**bob** opens **#{}**, whose description says `{body}`", pr.number));
        self.settle().await;
        self.ci(pr, "success").await;
        self.shows_check(pr);
        self.minutes(1).await;
        let comment = github.comment(needed, "bob", "/confirm");
        self.teller.say(&format!("**bob** comments on acme/billing#{}: `/confirm`", needed.number));
        self.settle().await;
        let answer = github.reactions(billing, comment).join(", ");
        self.teller.say(&format!("  reactions: {answer}; billing tells the shop what became of it:"));
        self.minutes(1).await;
        self.shows_check(pr);
    }
}
