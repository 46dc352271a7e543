//! How work flows through a repository: the measures, charts over time, the rules that applied. docs/MEASURES.md defines each number.

use maud::{Markup, html};

use super::charts::{self, Shown, number};
use super::layout::{self, way};
use crate::domain::flow::{Cause, FlowView, Share, Slice};
use crate::domain::ids::Timestamp;
use crate::domain::policy::facts::AuthorKind;
use crate::present::ages::lasting;
use crate::present::chart::{Series, Stand};
use crate::web::flow::FlowQuery;

/// Windows that are one click away, in days.
const DAYS: [u16; 4] = [7, 30, 90, 365];
const HOUR: f64 = 3_600.0;

/// The page.
pub(super) fn page(flow: &FlowView, asked: &FlowQuery) -> Markup {
    let full_name = &flow.repo;
    let measures = &flow.measures;
    let content = html! {
        h1 { "Flow of " (full_name) }
        p.soft { "From " (layout::at(flow.from)) " to " (layout::at(flow.to)) ", this not included." }
        (choices(flow, asked))
        (tiles(flow))
        @if measures.proposed + measures.landed + measures.waiting.seconds == 0 {
            p { "Nothing happened in this window." }
        } @else {
            @let parts = names(flow);
            h2 { "Over time" }
            div.measures { @for shown in charts_of(flow, &parts) { (charts::figure(&shown)) } }
        }
        h2 { "Rules that applied" }
        (rules(flow))
        p.soft { "What each number means stands in " code { "docs/MEASURES.md" } "; programs ask " code { "/api/v1/repos/" (full_name) "/flow" } "." }
    };
    let path = [way(full_name), ("Flow", format!("/{full_name}/flow"))];
    layout::full(&format!("Flow of {full_name}"), &path, None, &content)
}

fn choices(flow: &FlowView, asked: &FlowQuery) -> Markup {
    let custom = FlowQuery::given(asked.from.as_ref()).is_some() || FlowQuery::given(asked.to.as_ref()).is_some();
    let days = (flow.to.as_second() - flow.from.as_second()) / 86_400;
    let (author, rule) = (flow.author.map(AuthorKind::word), flow.rule.as_deref());
    // What was asked for stays as it was; each link changes one thing of it.
    let kept = |author: Option<&str>| {
        let pairs = [
            ("from", FlowQuery::given(asked.from.as_ref())),
            ("to", FlowQuery::given(asked.to.as_ref())),
            ("days", FlowQuery::given(asked.days.as_ref())),
            ("author", author),
            ("rule", rule),
        ];
        address(&pairs)
    };
    html! {
        nav.filters aria-label="Filters" {
            div { span.soft { "Window" } @for choice in DAYS {
                @let here = !custom && i64::from(choice) == days;
                a href=(address(&[("days", Some(&choice.to_string())), ("author", author), ("rule", rule)])) aria-current=[here.then_some("true")] { (choice) " days" }
            } }
            div { span.soft { "Author" }
                a href=(kept(None)) aria-current=[author.is_none().then_some("true")] { "all" }
                @for (word, words) in [("human", "people"), ("agent", "agents"), ("bot", "bots"), ("app", "Apps")] {
                    a href=(kept(Some(word))) aria-current=[(author == Some(word)).then_some("true")] { (words) }
                }
            }
        }
        form.inline.window action={ "/" (flow.repo) "/flow" } method="get" {
            label { "From " input type="date" name="from" value=(day(flow.from)) required; }
            label { "up to, not included, " input type="date" name="to" value=(day(flow.to)) required; }
            @if let Some(author) = author { input type="hidden" name="author" value=(author); }
            @if !flow.rules.is_empty() || rule.is_some() {
                label { "Rule " select name="rule" {
                    option value="" selected[rule.is_none()] { "any" }
                    @for one in &flow.rules { option value=(one) selected[rule == Some(one)] { (one) } }
                    @if let Some(rule) = rule { @if !flow.rules.iter().any(|one| one == rule) { option value=(rule) selected { (rule) } } }
                } }
            }
            button { "Show" }
        }
    }
}

fn address(pairs: &[(&str, Option<&str>)]) -> String {
    let given: Vec<(&str, &str)> = pairs.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect();
    // Pairs of text always have a form; without one the link leads to the default window.
    format!("?{}", serde_urlencoded::to_string(given).unwrap_or_default())
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The measures, the most telling first.
fn tiles(flow: &FlowView) -> Markup {
    let all = &flow.measures;
    let trusted = &all.trusted;
    let provisional =
        if trusted.provisional > 0 { format!(", {} of them younger", trusted.provisional) } else { String::new() };
    let taught = &all.feedback;
    let loss = all.context_loss.by_question.iter().map(|(question, units)| format!("{question} {units}"));
    let loss = loss.collect::<Vec<_>>().join(", ");
    let waited = lasting(all.waiting.seconds);
    let of = |share: &Share, what: &str| format!("{} of {} {what}", share.part, share.whole);
    let collisions = format!("{} known to collide when another landed first", all.collisions.foreseen);
    html! {
        ul.tiles {
            (tile("Trusted change per judgment", &trusted.per_judgment.map_or_else(|| "–".to_owned(), number),
                &format!("{} landed and stayed seven days{provisional}; {} decisions", trusted.units, trusted.judgments)))
            (tile("Landed", &all.landed.to_string(), &format!("{} proposed, {} withdrawn, {} of these refused", all.proposed, all.withdrawn.units, all.withdrawn.refused)))
            (tile("Decisions given", &all.decisions.given.to_string(), &format!("{} asked", all.decisions.asked)))
            (tile("Intervention rate", &percent(&all.interventions), &of(&all.interventions, "that ended saw a refusal, hold, lift or revert")))
            (tile("Integration friction", &percent(&all.friction), &format!("of {waited} waited, for other units")))
            (tile("Validation quality", &percent(&all.held), &of(&all.held, "landed without trouble since")))
            (tile("Rework", &percent(&all.rework.landed), &format!("{}; {} heads in all", of(&all.rework.landed, "changed after the first suggestion"), all.rework.heads)))
            (tile("Rollback rate", &percent(&all.rolled_back), &of(&all.rolled_back, "taken back")))
            (tile("Context loss", &percent(&all.context_loss.landed), &if loss.is_empty() { of(&all.context_loss.landed, "landed with a question open") } else { loss }))
            (tile("Feedback quality", &percent(&taught.became_rules), &format!("{}, {} fired", of(&taught.became_rules, "refusals and rollbacks became rules"), taught.fired.part)))
            (tile("Stale evidence avoided", &all.stale_avoided.part.to_string(), &of(&all.stale_avoided, "landed without another run")))
            (tile("Collisions that came true", &all.collisions.came_true.to_string(), &collisions))
        }
    }
}

fn tile(name: &str, value: &str, about: &str) -> Markup {
    html! { li { span { (name) } strong { (value) } span.soft { (about) } } }
}

fn percent(share: &Share) -> String {
    share.share.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0))
}

fn charts_of<'a>(flow: &FlowView, parts: &'a [(String, String)]) -> Vec<Shown<'a>> {
    let series = |code, words, of: &dyn Fn(&Slice) -> Option<f64>| Series {
        code,
        words,
        values: flow.parts.iter().map(of).collect(),
    };
    let count = |of: fn(&Slice) -> u64| move |slice: &Slice| Some(float(of(slice)));
    let waits = |cause: Cause| {
        series(cause.code(), words(cause), &move |slice: &Slice| {
            Some(float(slice.waiting.get(cause.code()).copied().unwrap_or(0)) / HOUR)
        })
    };
    let chart =
        |id, title, about, unit, stand, series, say| Shown { id, title, about, unit, stand, series, parts, say };
    vec![
        chart(
            "landed",
            "What became of units",
            "Units that ended, by how.",
            "units",
            Stand::Stacked,
            vec![
                series("stayed", "landed and stayed", &count(|slice| slice.landed - slice.rolled_back)),
                series("rolled_back", "landed, taken back", &count(|slice| slice.rolled_back)),
                series("withdrawn", "withdrawn", &count(|slice| slice.withdrawn)),
            ],
            number as fn(f64) -> String,
        ),
        chart(
            "waiting",
            "What units waited for",
            "Hours waited, all units together.",
            "hours",
            Stand::Stacked,
            Cause::ALL.map(waits).into(),
            hours,
        ),
        chart(
            "judgment",
            "Judgment",
            "How often a person was asked, and what people decided.",
            "decisions",
            Stand::Beside,
            vec![
                series("asked", "asked", &count(|slice| slice.asked)),
                series("given", "given", &count(|slice| slice.given)),
            ],
            number,
        ),
        chart(
            "trusted",
            "Trusted change per judgment",
            "Units that landed and stayed, for each decision of a person.",
            "units",
            Stand::Beside,
            vec![series("trusted", "trusted change per judgment", &|slice| {
                (slice.given > 0).then(|| float(slice.trusted) / float(slice.given))
            })],
            number,
        ),
        chart(
            "rework",
            "Redone",
            "Heads pushed after the first suggestion.",
            "heads",
            Stand::Beside,
            vec![series("reworked", "heads", &count(|slice| slice.reworked))],
            number,
        ),
    ]
}

/// The parts of the window: a short name, and a whole one.
fn names(flow: &FlowView) -> Vec<(String, String)> {
    let days = (flow.to.as_second() - flow.from.as_second()) / 86_400;
    let (short, whole) = match days {
        0..=2 => ("%H:%M", "%-d %b %Y, %H:%M UTC"),
        3..=15 => ("%-d %b", "%-d %b %Y, %H:%M UTC"),
        16..=730 => ("%-d %b", "%-d %b %Y"),
        _ => ("%b %Y", "%-d %b %Y"),
    };
    let name = |slice: &Slice| (slice.from.strftime(short).to_string(), slice.from.strftime(whole).to_string());
    flow.parts.iter().map(name).collect()
}

fn rules(flow: &FlowView) -> Markup {
    let rules = &flow.measures.rules;
    html! {
        @if rules.is_empty() { p.soft { "No rule applied to a unit that ended in this window." } } @else {
            table.numbers {
                thead { tr { th scope="col" { "Rule" } th scope="col" { "Units" } th scope="col" { "Landed" } th scope="col" { "Taken back" } } }
                tbody { @for rule in rules { tr { th scope="row" { (rule.rule) } td { (rule.units) } td { (rule.landed) } td { (rule.rolled_back) } } } }
            }
        }
    }
}

const fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::Evidence => "evidence",
        Cause::Judgment => "a person's judgment",
        Cause::Order => "a unit that lands first",
        Cause::Dependency => "a dependency",
        Cause::Repair => "a change to it",
        Cause::Stopped => "a hold or refusal",
        Cause::Other => "GitHub and others",
    }
}

fn hours(value: f64) -> String {
    format!("{} h", number(value))
}

#[expect(clippy::cast_precision_loss, reason = "counts and seconds are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}
