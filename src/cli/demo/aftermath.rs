//! A change lands, the base fails, and it is taken back.

use flyball::sim::Files;

use super::scenes::Day;

impl Day<'_> {
    pub(super) async fn base_breaks(&self) {
        self.teller.scene("The base breaks after something landed");
        self.base("success").await;
        let shipping = Files::new().with("src/shipping.rs", "pub fn shipping() -> u64 {\n    500\n}\n");
        let pr = self.opens("alice", "Charge shipping", shipping).await;
        self.ci(pr, "success").await;
        self.says(pr, "bob", "/confirm").await;
        self.landed(pr);
        self.minutes(2).await;
        self.base("failure").await;
        self.shows_comment(pr);
        let before = self.stage.github.pulls(self.repo);
        self.says(pr, "alice", "/confirm").await;
        let opened = self.stage.github.pulls(self.repo).into_iter().find(|one| !before.contains(one));
        let Some(revert) = opened else { return };
        self.teller.say(&format!(
            "**flyball[bot]** opens **#{}**: {}",
            revert.number,
            self.stage.github.pull(revert).title
        ));
        self.ci(revert, "success").await;
        self.says(revert, "bob", "/confirm").await;
        self.landed(revert);
        self.minutes(2).await;
        self.base("success").await;
        self.shows_comment(pr);
    }

    /// CI runs on the head of `main`.
    async fn base(&self, conclusion: &str) {
        let Some(head) = self.stage.github.branch_head(self.repo, "main") else { return };
        self.stage.github.check_on(self.repo, &head, "test", "ci", Some(conclusion));
        self.teller.say(&format!("CI: `test` on `main` ends in *{conclusion}*."));
        self.settle().await;
        self.minutes(1).await;
    }
}
