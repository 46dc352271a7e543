//! What happened, one sentence for an entry.

use serde_json::Value;

use super::{Entry, short, text, words};

/// What an entry says, as a sentence without its actor; names stand in backticks.
#[must_use]
pub fn told(entry: &Entry) -> String {
    let data = &entry.data;
    match entry.kind.as_str() {
        "proposed" => format!("proposed it on {} at {}", tick(data, "base"), commit(data, "head")),
        "judged" => judged(data),
        "evidence" => format!("reported {} as {} on {}", tick(data, "name"), text(data, "state"), commit(data, "sha")),
        "decided" => decided(data),
        "command_refused" => {
            format!("asked for {}, which was not granted: {}", tick(data, "command"), text(data, "why"))
        }
        "answered_on_page" => answered_on_page(data),
        "pushed" => pushed(data),
        "retargeted" => format!("moved it from {} to {}", tick(data, "from"), tick(data, "to")),
        "grant_given" => format!("gave the permission to land on {}", commit(data, "sha")),
        "grant_revoked" => format!("took the permission to land back on {}", commit(data, "sha")),
        "action_owed" => format!("set out to {}{}", action(data), because(text(data, "why"))),
        "action_closed" => format!("finished {}: {}", named(data), words(text(data, "how"))),
        "action_refused" => format!("refused {}{}", named(data), because(text(data, "message"))),
        "outcome_unknown" => format!("left open whether {} happened{}", named(data), because(text(data, "because"))),
        "facts" => "kept the facts that the policy was asked about".to_owned(),
        "landed" => format!("landed it as {}", commit(data, "commit")),
        "landed_beside" => format!("landed #{} first, with which it collides", data["unit"]),
        "withdrawn" => "closed it without landing".to_owned(),
        "reopened" => "opened it again".to_owned(),
        "enqueued" => "took it into the merge queue".to_owned(),
        "dequeued" => "took it out of the merge queue".to_owned(),
        "landed_compared" => format!("compared what landed with what was proposed: {}", words(text(data, "compared"))),
        "policy_changed" => format!("judged it anew under the policy {}", tick(data, "policy")),
        "alarm" => {
            format!("saw {} fail on the base{}", tick(&data["what"], "check"), because(text(&data["what"], "why")))
        }
        "alarm_over" => format!("saw {} pass on the base again", tick(data, "check")),
        "reverting" => format!("took it back by #{} ({})", data["by"], text(data, "state")),
        "right_lost" => format!("no longer lets {} decide here", text(data, "login")),
        "acquitted" => format!("said that the cause is another{}", because(text(data, "reason"))),
        "not_proposed" => format!("could not propose it{}", because(text(data, "why"))),
        other => words(other),
    }
}

fn judged(data: &Value) -> String {
    let reasons: Vec<&str> = data["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let why = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join(" ")) };
    format!("judged it {}{why}", words(text(data, "standing")))
}

fn decided(data: &Value) -> String {
    let word = match text(data, "decision") {
        "confirm" => "confirmed",
        "approve" => "approved",
        "refuse" => "refused",
        "hold" => "held",
        "lift" => "lifted",
        "revert" => "asked to take back",
        other => other,
    };
    let place = if text(&data["source"], "in") == "page" { ", on Flyball's page" } else { "" };
    format!("{word} it on {}{place}{}", commit(data, "sha"), because(text(data, "reason")))
}

fn answered_on_page(data: &Value) -> String {
    let command = tick(data, "command");
    match text(data, "answer") {
        "granted" => format!("was granted {command} on Flyball's page"),
        _ => format!("was refused {command} on Flyball's page{}", because(text(data, "why"))),
    }
}

fn pushed(data: &Value) -> String {
    let voided = match data["confirms_voided"].as_u64().unwrap_or(0) {
        0 => String::new(),
        1 => ", which voids one confirm".to_owned(),
        many => format!(", which voids {many} confirms"),
    };
    format!("pushed {} in place of {}{voided}", commit(data, "to"), commit(data, "from"))
}

fn action(data: &Value) -> String {
    let call = &data["call"];
    match text(call, "do") {
        "request_review" => format!("request a review from {}", text(call, "login")),
        "" => named(data),
        other => words(other),
    }
}

fn named(data: &Value) -> String {
    tick(data, "id")
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(": {}", why.lines().next().unwrap_or("")) }
}

fn tick(data: &Value, key: &str) -> String {
    format!("`{}`", text(data, key).replace('`', "'"))
}

fn commit(data: &Value, key: &str) -> String {
    format!("`{}`", short(text(data, key)).replace('`', "'"))
}
