//! The working day, scene by scene.

use std::time::Duration;

use flyball::domain::govern::PlanView;
use flyball::domain::ids::{RepoId, UnitKey};
use flyball::sim::{Files, Protection, Role};
use flyball::stage::Stage;

use super::teller::Teller;

const LIBRARY: &str = "pub fn price(cents: u64) -> u64 {\n    cents\n}\n\npub fn tax(cents: u64) -> u64 {\n    cents / 5\n}\n\n\
                       pub fn total(cents: u64) -> u64 {\n    price(cents) + tax(cents)\n}\n";

/// The day so far.
pub(super) struct Day<'a> {
    pub(super) stage: &'a Stage,
    pub(super) teller: &'a Teller,
    pub(super) repo: RepoId,
}

/// Plays the day.
pub(super) async fn day(stage: &Stage, teller: &Teller) -> anyhow::Result<()> {
    let github = &stage.github;
    let repo = github.create_repo("acme/shop", Files::new().with("src/lib.rs", LIBRARY).with("README.md", "# Shop\n"));
    for (login, role) in
        [("alice", Role::Write), ("bob", Role::Write), ("carol", Role::Maintain), ("codebot", Role::Write)]
    {
        github.user(repo, login, role);
    }
    github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
    teller.say("# A day at acme/shop\n\n`main` requires two checks: `test` from CI, and `flyball`. Nobody wrote a policy file.");
    let day = Day { stage, teller, repo };
    day.clean_pull_request().await;
    let pair = day.colliding_pair().await;
    day.agent_is_refused().await;
    day.push_after_confirm().await;
    day.stack().await;
    day.same_package().await?;
    day.same_number().await?;
    day.two_repositories().await;
    day.red_check().await;
    day.draft().await;
    day.second_of_the_pair(pair).await;
    day.base_breaks().await;
    day.evening().await
}

impl Day<'_> {
    pub(super) async fn settle(&self) {
        self.stage.settle().await;
    }

    pub(super) async fn minutes(&self, minutes: u64) {
        self.stage.pass(Duration::from_secs(60 * minutes)).await;
    }

    pub(super) async fn opens(&self, author: &str, title: &str, files: Files) -> UnitKey {
        let pr = self.stage.github.open_pull(self.repo, author, title, files);
        self.teller.say(&format!("**{author}** opens **#{}**: {title}", pr.number));
        self.settle().await;
        pr
    }

    pub(super) async fn ci(&self, pr: UnitKey, conclusion: &str) {
        self.stage.github.check(pr, "test", "ci", Some(conclusion));
        self.teller.say(&format!("CI: `test` on #{} ends in *{conclusion}*.", pr.number));
        self.settle().await;
        self.minutes(1).await;
    }

    pub(super) async fn says(&self, pr: UnitKey, login: &str, text: &str) {
        let comment = self.stage.github.comment(pr, login, text);
        self.teller.say(&format!("**{login}** comments on #{}: `{text}`", pr.number));
        self.settle().await;
        let reactions = self.stage.github.reactions(self.repo, comment);
        if !reactions.is_empty() {
            self.teller.say(&format!("  reactions: {}", reactions.join(", ")));
        }
    }

    pub(super) fn shows_comment(&self, pr: UnitKey) {
        let ours = self
            .stage
            .github
            .comments(pr)
            .into_iter()
            .find(|comment| comment.body.starts_with("<!-- flyball:unit -->"));
        if let Some(comment) = ours {
            self.teller.show(&format!("flyball[bot] on #{}", pr.number), &comment.body);
        }
    }

    pub(super) fn shows_check(&self, pr: UnitKey) {
        if let Some(run) = self.stage.github.latest_check(pr, "flyball") {
            let state = run.conclusion.unwrap_or(run.status);
            self.teller.say(&format!("  check `flyball` on #{}: **{state}**, {}", pr.number, run.title));
        }
    }

    pub(super) fn landed(&self, pr: UnitKey) {
        let word = if self.stage.github.is_merged(pr) { "landed" } else { "is still open" };
        self.teller.say(&format!("  #{} {word}.", pr.number));
    }

    async fn clean_pull_request(&self) {
        self.teller.scene("A clean pull request");
        let pr = self
            .opens("alice", "Say what the shop sells", Files::new().with("README.md", "# Shop\n\nTea and coffee.\n"))
            .await;
        self.shows_check(pr);
        self.ci(pr, "success").await;
        self.shows_comment(pr);
        self.says(pr, "bob", "/confirm").await;
        self.landed(pr);
    }

    async fn colliding_pair(&self) -> (UnitKey, UnitKey) {
        self.teller.scene("Two that change the same lines");
        let tax = |to: &str| Files::new().with("src/lib.rs", &LIBRARY.replace("cents / 5", to));
        let first = self.opens("alice", "Round the tax up", tax("cents.div_ceil(5)")).await;
        let second = self.opens("bob", "Halve the tax", tax("cents / 10")).await;
        self.ci(first, "success").await;
        self.ci(second, "success").await;
        self.shows_check(second);
        self.says(second, "carol", "/confirm").await;
        self.shows_comment(second);
        self.teller
            .say("Only one of the two may pass protection at any moment. bob presses the merge button all the same:");
        match self.stage.github.press_merge(second, "bob") {
            Ok(_) => self.teller.say("  it went through."),
            Err(refused) => self.teller.say(&format!("  GitHub says {}: {}", refused.status, refused.message)),
        }
        (first, second)
    }

    async fn agent_is_refused(&self) {
        self.teller.scene("An agent's pull request, refused with a reason");
        let pr = self
            .opens("codebot", "Add a currency module", Files::new().with("src/currency.rs", "pub struct Euro(u64);\n"))
            .await;
        self.ci(pr, "success").await;
        self.says(pr, "carol", "/refuse currencies belong in the billing service").await;
        self.shows_comment(pr);
        self.shows_check(pr);
    }

    async fn push_after_confirm(&self) {
        self.teller.scene("A push after a confirm");
        let pr = self.opens("alice", "Describe the price", Files::new().with("docs/price.md", "In cents.\n")).await;
        self.minutes(1).await;
        self.says(pr, "bob", "/confirm").await;
        self.stage.github.push(pr, Files::new().with("docs/price.md", "In cents, without tax.\n"));
        self.teller.say("**alice** pushes another commit; the confirm was for the one before.");
        self.settle().await;
        self.ci(pr, "success").await;
        self.shows_comment(pr);
        self.says(pr, "bob", "/confirm").await;
        self.landed(pr);
    }

    async fn stack(&self) {
        self.teller.scene("A stack");
        let bottom =
            self.opens("alice", "Add discounts", Files::new().with("src/discount.rs", "pub fn none() {}\n")).await;
        let branch = self.stage.github.head_branch(bottom);
        let files = Files::new().with("src/coupon.rs", "use crate::discount;\n");
        let body = "Intent: coupons build on discounts.";
        let top = self.stage.github.open_pull_into(self.repo, &branch, "alice", "Add coupons", body, files);
        self.teller.say(&format!("**alice** opens **#{}** on top of #{}", top.number, bottom.number));
        self.settle().await;
        self.shows_check(top);
        self.ci(bottom, "success").await;
        self.says(bottom, "bob", "/confirm").await;
        self.landed(bottom);
        self.stage.github.retarget(top, "alice", "main");
        self.teller.say(&format!("**alice** retargets #{} to `main`:", top.number));
        self.settle().await;
        self.shows_check(top);
    }

    async fn red_check(&self) {
        self.teller.scene("A red check");
        let pr = self.opens("bob", "Speed up the total", Files::new().with("src/fast.rs", "fn broken( {\n")).await;
        self.ci(pr, "failure").await;
        self.shows_check(pr);
        self.says(pr, "alice", "/why").await;
        if let Some(reply) = self.stage.github.comments(pr).last() {
            self.teller.show("the reply", &reply.body);
        }
    }

    async fn draft(&self) {
        self.teller.scene("A draft");
        let files = Files::new().with("src/idea.rs", "// maybe\n");
        let pr = self.stage.github.open_draft(self.repo, "bob", "An idea", files);
        self.teller.say(&format!("**bob** opens the draft **#{}**. It gets its check and no comment.", pr.number));
        self.settle().await;
        self.shows_check(pr);
    }

    async fn second_of_the_pair(&self, (first, second): (UnitKey, UnitKey)) {
        self.teller.scene("Back to the pair");
        self.says(first, "carol", "/refuse we halve the tax instead").await;
        self.teller.say(&format!("The way is free for #{}, which carol had confirmed before:", second.number));
        self.minutes(1).await;
        self.landed(second);
    }

    async fn evening(&self) -> anyhow::Result<()> {
        self.teller.scene("The evening");
        let plan: PlanView = serde_json::from_value(self.api("plan/main").await?)?;
        self.teller.say("**The plan for `main`**");
        for position in &plan.order {
            self.teller.say(&format!("* wave {}: **#{}** {}", position.wave, position.number, position.reason));
        }
        let units = self.api("units").await?;
        let mut rows = String::from("| unit | standing | why | next move |\n|:-|:-|:-|:-|\n");
        for unit in units["units"].as_array().into_iter().flatten() {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or("").to_owned();
            let codes: Vec<String> = unit["reason_codes"].as_array().into_iter().flatten().map(text).collect();
            let next = &unit["next_move"];
            let next =
                if next.is_null() { String::new() } else { format!("{}: {}", text(&next["who"]), text(&next["what"])) };
            rows.push_str(&format!(
                "| #{} | {} | {} | {next} |\n",
                unit["number"],
                text(&unit["standing"]),
                codes.join(", ")
            ));
        }
        self.teller.say(&rows);
        let calls: u64 = self.stage.github.call_counts().values().sum();
        let deliveries = self.stage.github.deliveries().len();
        self.teller.say(&format!("{deliveries} webhooks came in, {calls} calls went out to GitHub."));
        Ok(())
    }
}
