//! The REST API: one line here for every operation that is served, one file below for every subject.

mod app;
mod branches;
mod checks;
mod checks_write;
mod comments;
mod commits;
mod contents;
mod labels;
mod merges;
mod people;
mod pulls;
mod pulls_write;
mod refs;
mod registration;
mod reviews;
mod signed_in;
mod statuses;

use axum::routing::MethodFilter;

use super::graphql;
use super::http::{Answer, Call, Level, Need, Reply, Route};
use super::state::State;
use Level::{Read, Write};

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;
const PUT: MethodFilter = MethodFilter::PUT;
const PATCH: MethodFilter = MethodFilter::PATCH;
const DELETE: MethodFilter = MethodFilter::DELETE;

const METADATA: Need = Need::Token("metadata", Read);
const CHECKS_READ: Need = Need::Token("checks", Read);
const CHECKS: Need = Need::Token("checks", Write);
const PULLS_READ: Need = Need::Token("pull_requests", Read);
const PULLS: Need = Need::Token("pull_requests", Write);
const TALK_READ: Need = Need::Token("issues|pull_requests", Read);
const TALK: Need = Need::Token("issues|pull_requests", Write);
const CONTENTS_READ: Need = Need::Token("contents", Read);
const CONTENTS: Need = Need::Token("contents", Write);
const STATUSES_READ: Need = Need::Token("statuses", Read);
const STATUSES: Need = Need::Token("statuses", Write);

type Handler = fn(&mut State, &Call) -> Reply;

type Row = (MethodFilter, &'static str, Need, Handler);

const OUTSIDE: &[Row] = &[
    (GET, "/app", Need::Jwt, app::show),
    (POST, "/app-manifests/{code}/conversions", Need::Nothing, registration::convert),
    (GET, "/app/installations", Need::Jwt, app::installations),
    (GET, "/app/installations/{installation_id}", Need::Jwt, app::installation),
    (POST, "/app/installations/{installation_id}/access_tokens", Need::Jwt, app::create_token),
    (GET, "/app/hook/config", Need::Jwt, app::hook_config),
    (GET, "/app/hook/deliveries", Need::Jwt, app::deliveries),
    (GET, "/app/hook/deliveries/{delivery_id}", Need::Jwt, app::delivery),
    (POST, "/app/hook/deliveries/{delivery_id}/attempts", Need::Jwt, app::redeliver),
    (GET, "/orgs/{org}/installation", Need::Jwt, app::of_org),
    (GET, "/repos/{owner}/{repo}/installation", Need::Jwt, app::of_repo),
    (GET, "/installation/repositories", METADATA, app::repositories),
    (DELETE, "/installation/token", METADATA, app::revoke_token),
    (GET, "/rate_limit", METADATA, app::rate_limit),
    (GET, "/meta", Need::Nothing, app::meta),
    (GET, "/user", Need::User, signed_in::user),
    (GET, "/user/installations", Need::User, signed_in::installations),
    (GET, "/user/installations/{installation_id}/repositories", Need::User, signed_in::repositories),
    (DELETE, "/applications/{client_id}/token", Need::Client, signed_in::withdraw),
    (GET, "/users/{username}", METADATA, people::user),
    (GET, "/orgs/{org}/teams/{team_slug}/members", Need::Token("members", Read), people::members),
    (GET, "/orgs/{org}/teams/{team_slug}/memberships/{username}", Need::Token("members", Read), people::membership),
    (POST, "/graphql", METADATA, graphql::answer),
];

const REPOSITORY: &[Row] = &[
    (GET, "", METADATA, branches::repo),
    (GET, "/branches", CONTENTS_READ, branches::list),
    (GET, "/branches/{branch}", CONTENTS_READ, branches::show),
    (GET, "/branches/{branch}/protection", Need::Token("administration", Read), branches::protection),
    (
        GET,
        "/branches/{branch}/protection/required_status_checks",
        Need::Token("administration", Read),
        branches::required_checks,
    ),
    (GET, "/rules/branches/{branch}", METADATA, branches::rules),
    (GET, "/rulesets", METADATA, branches::rulesets),
    (GET, "/rulesets/{ruleset_id}", METADATA, branches::ruleset),
    (GET, "/collaborators", METADATA, people::collaborators),
    (GET, "/collaborators/{username}/permission", METADATA, people::permission),
    (GET, "/contents/{path}", CONTENTS_READ, contents::get),
    (PUT, "/contents/{path}", CONTENTS, contents::put),
    (GET, "/git/ref/{ref}", CONTENTS_READ, refs::get),
    (GET, "/git/matching-refs/{ref}", CONTENTS_READ, refs::matching),
    (POST, "/git/refs", CONTENTS, refs::create),
    (PATCH, "/git/refs/{ref}", CONTENTS, refs::update),
    (DELETE, "/git/refs/{ref}", CONTENTS, refs::delete),
    (GET, "/commits/{ref}", CONTENTS_READ, commits::show),
    (GET, "/commits/{commit_sha}/pulls", PULLS_READ, commits::pulls),
    (GET, "/commits/{ref}/check-runs", CHECKS_READ, checks::runs_of_commit),
    (GET, "/commits/{ref}/check-suites", CHECKS_READ, checks::suites_of_commit),
    (GET, "/commits/{ref}/status", STATUSES_READ, statuses::combined),
    (GET, "/commits/{ref}/statuses", STATUSES_READ, statuses::list),
    (POST, "/statuses/{sha}", STATUSES, statuses::create),
    (GET, "/compare/{basehead}", CONTENTS_READ, commits::compare),
    (POST, "/check-runs", CHECKS, checks_write::create),
    (GET, "/check-runs/{check_run_id}", CHECKS_READ, checks::run),
    (PATCH, "/check-runs/{check_run_id}", CHECKS, checks_write::update),
    (GET, "/check-runs/{check_run_id}/annotations", CHECKS_READ, checks::annotations),
    (GET, "/check-suites/{check_suite_id}", CHECKS_READ, checks::suite),
    (GET, "/check-suites/{check_suite_id}/check-runs", CHECKS_READ, checks::runs_of_suite),
];

const PULLS_AND_ISSUES: &[Row] = &[
    (GET, "/issues/{issue_number}", TALK_READ, labels::issue),
    (GET, "/issues/{issue_number}/labels", TALK_READ, labels::list),
    (POST, "/issues/{issue_number}/labels", TALK, labels::add),
    (DELETE, "/issues/{issue_number}/labels/{name}", TALK, labels::remove),
    (GET, "/issues/{issue_number}/comments", TALK_READ, comments::list),
    (POST, "/issues/{issue_number}/comments", TALK, comments::create),
    (GET, "/issues/comments/{comment_id}", TALK_READ, comments::show),
    (PATCH, "/issues/comments/{comment_id}", TALK, comments::update),
    (DELETE, "/issues/comments/{comment_id}", TALK, comments::delete),
    (GET, "/issues/comments/{comment_id}/reactions", TALK_READ, comments::reactions),
    (POST, "/issues/comments/{comment_id}/reactions", TALK, comments::react),
    (DELETE, "/issues/comments/{comment_id}/reactions/{reaction_id}", TALK, comments::unreact),
    (GET, "/pulls", PULLS_READ, pulls::list),
    (POST, "/pulls", PULLS, pulls_write::create),
    (GET, "/pulls/{pull_number}", PULLS_READ, pulls::show),
    (PATCH, "/pulls/{pull_number}", PULLS, pulls_write::update),
    (GET, "/pulls/{pull_number}/files", PULLS_READ, pulls::files),
    (GET, "/pulls/{pull_number}/commits", PULLS_READ, pulls::commits),
    (GET, "/pulls/{pull_number}/comments", PULLS_READ, pulls::review_comments),
    (GET, "/pulls/{pull_number}/merge", PULLS_READ, merges::is_merged),
    (PUT, "/pulls/{pull_number}/merge", CONTENTS, merges::merge),
    (PUT, "/pulls/{pull_number}/update-branch", PULLS, merges::update_branch),
    (GET, "/pulls/{pull_number}/reviews", PULLS_READ, reviews::list),
    (POST, "/pulls/{pull_number}/reviews", PULLS, reviews::create),
    (GET, "/pulls/{pull_number}/reviews/{review_id}", PULLS_READ, reviews::show),
    (PUT, "/pulls/{pull_number}/reviews/{review_id}/dismissals", PULLS, reviews::dismiss),
    (GET, "/pulls/{pull_number}/requested_reviewers", PULLS_READ, reviews::requested),
    (POST, "/pulls/{pull_number}/requested_reviewers", PULLS, reviews::request),
    (DELETE, "/pulls/{pull_number}/requested_reviewers", PULLS, reviews::unrequest),
];

/// Every operation of the simulation.
pub(crate) fn routes() -> Vec<Route> {
    let inside = REPOSITORY.iter().chain(PULLS_AND_ISSUES).map(|&(method, below, need, run)| {
        // The table is read once per start; its joined templates live as long as the process.
        let template: &'static str = Box::leak(format!("/repos/{{owner}}/{{repo}}{below}").into_boxed_str());
        Route { method, template, need, run }
    });
    let outside = OUTSIDE.iter().map(|&(method, template, need, run)| Route { method, template, need, run });
    outside.chain(inside).collect()
}

/// A refusal of the state as an answer.
fn refused((status, text): super::act::Refused) -> Answer {
    if status == 422 {
        super::http::unprocessable(&text, "PullRequest", "base", "custom")
    } else {
        Answer::error(status, text)
    }
}
