//! Reviews and requests for them.

use serde_json::json;

use super::Refused;
use crate::sim::state::State;
use crate::sim::state::people::Role;
use crate::sim::state::pull::Review;

impl State {
    /// Submits a review on the current head; `state` is `APPROVED`, `CHANGES_REQUESTED` or `COMMENTED`.
    pub(crate) fn review(&mut self, repo: u64, number: u64, by: &str, state: &str, body: &str) -> Result<u64, Refused> {
        let pull = &self.repo(repo).pulls[&number];
        if pull.author.eq_ignore_ascii_case(by) && state != "COMMENTED" {
            let what = if state == "APPROVED" { "approve" } else { "request changes on" };
            return Err((422, format!("Can not {what} your own pull request")));
        }
        if !matches!(state, "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED") {
            return Err((422, format!("{state} is no state of a review")));
        }
        let (id, at) = (self.next_id(), self.now());
        self.ensure_user(by);
        let pull = self.pull_mut(repo, number);
        let sha = pull.head_sha.clone();
        pull.reviews.push(Review { id, user: by.into(), state: state.into(), body: body.into(), sha, at });
        pull.requested_reviewers.retain(|login| !login.eq_ignore_ascii_case(by));
        pull.updated_at = at;
        self.emit_review(repo, number, id, "submitted", by);
        Ok(id)
    }

    /// Dismisses a review.
    pub(crate) fn dismiss(&mut self, repo: u64, number: u64, review: u64, by: &str) -> bool {
        let pull = self.pull_mut(repo, number);
        let Some(found) = pull.reviews.iter_mut().find(|r| r.id == review && r.state != "COMMENTED") else {
            return false;
        };
        found.state = "DISMISSED".into();
        self.emit_review(repo, number, review, "dismissed", by);
        true
    }

    /// Dismisses every approval, as protection may ask for after a push.
    pub(crate) fn dismiss_approvals(&mut self, repo: u64, number: u64, by: &str) {
        let reviews = &self.repo(repo).pulls[&number].reviews;
        let approvals: Vec<u64> = reviews.iter().filter(|r| r.state == "APPROVED").map(|r| r.id).collect();
        for id in approvals {
            self.dismiss(repo, number, id, by);
        }
    }

    fn emit_review(&mut self, repo: u64, number: u64, review: u64, action: &str, by: &str) {
        let pull = &self.repo(repo).pulls[&number];
        let Some(found) = pull.reviews.iter().find(|r| r.id == review) else { return };
        let mut value = self.review_json(repo, pull, found);
        value["state"] = found.state.to_lowercase().into();
        let about = json!({"review": value, "pull_request": self.pull_json(repo, pull)});
        self.emit(repo, "pull_request_review", Some(action), about, by);
    }

    /// Asks people and teams for a review; one bad name fails the whole call (FACTS P14).
    pub(crate) fn request_reviews(
        &mut self,
        repo: u64,
        number: u64,
        people: &[String],
        teams: &[String],
        by: &str,
    ) -> Result<(), Refused> {
        let pull = &self.repo(repo).pulls[&number];
        if people.iter().any(|login| login.eq_ignore_ascii_case(&pull.author)) {
            return Err((422, "Review cannot be requested from pull request author.".into()));
        }
        let stranger = |login: &String| {
            let given = self.repo(repo).roles.get(&login.to_lowercase()).copied().unwrap_or(Role::None);
            given == Role::None && !self.repo(repo).owner.eq_ignore_ascii_case(login)
        };
        if people.iter().any(stranger) {
            let text = "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator";
            return Err((422, format!("{text} of the {} repository.", self.repo(repo).full_name())));
        }
        let owner = self.repo(repo).owner.to_lowercase();
        if teams.iter().any(|slug| !self.teams.contains_key(&(owner.clone(), slug.to_lowercase()))) {
            return Err((422, "Could not resolve to a node with the global id of the team.".into()));
        }
        for login in people {
            let pull = self.pull_mut(repo, number);
            if !pull.requested_reviewers.iter().any(|known| known.eq_ignore_ascii_case(login)) {
                pull.requested_reviewers.push(login.clone());
                let reviewer = self.user_json(login);
                self.emit_pull(repo, number, "review_requested", json!({"requested_reviewer": reviewer}), by);
            }
        }
        for slug in teams {
            let pull = self.pull_mut(repo, number);
            if !pull.requested_teams.contains(slug) {
                pull.requested_teams.push(slug.clone());
                let team = json!({"slug": slug, "name": slug});
                self.emit_pull(repo, number, "review_requested", json!({"requested_team": team}), by);
            }
        }
        Ok(())
    }

    /// Takes requests for a review back.
    pub(crate) fn unrequest_reviews(&mut self, repo: u64, number: u64, people: &[String], by: &str) {
        for login in people {
            let pull = self.pull_mut(repo, number);
            let before = pull.requested_reviewers.len();
            pull.requested_reviewers.retain(|known| !known.eq_ignore_ascii_case(login));
            if pull.requested_reviewers.len() < before {
                let reviewer = self.user_json(login);
                self.emit_pull(repo, number, "review_request_removed", json!({"requested_reviewer": reviewer}), by);
            }
        }
    }
}
