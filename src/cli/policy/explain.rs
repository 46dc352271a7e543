//! `flyball policy explain`: the tree of one unit, for people and programs.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::anyhow;
use flyball::domain::policy::examples::parse_unit;
use flyball::domain::policy::file::Autonomy;
use flyball::domain::policy::{Evaluation, Origin, RequirementOutcome, RuleOutcome, Verdict};

use super::{Format, PolicyFlag, clean, files, print, print_json};

pub(super) fn run(unit: &Path, policy: &PolicyFlag, format: Format) -> anyhow::Result<ExitCode> {
    let standard = files::standard(&policy.file, policy.extended.file.as_deref())?;
    let facts = parse_unit(&files::text(unit)?).map_err(|error| anyhow!("{}: {error}", unit.display()))?;
    let evaluation = standard.evaluate(&facts);
    match format {
        Format::Json => print_json(&evaluation)?,
        Format::Text => print(&text(&evaluation))?,
    }
    Ok(ExitCode::SUCCESS)
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met    ",
        Verdict::Unmet => "unmet  ",
        Verdict::Unknown => "unknown",
        Verdict::NotApplicable => "n/a    ",
    }
}

fn text(evaluation: &Evaluation) -> String {
    let mut out = String::new();
    let decided = match evaluation.autonomy.decided {
        Autonomy::Auto => format!("it lands unasked, by {}", evaluation.autonomy.permitted_by.join(", ")),
        Autonomy::Confirm => format!("a person confirms it: {}", evaluation.autonomy.kept_by.join("; ")),
    };
    let policy = &evaluation.policy;
    let _written = writeln!(out, "Policy    {} (digest {})", policy.source, policy.digest);
    let _written = writeln!(out, "Verdict   {}", evaluation.verdict.word());
    let _written = writeln!(out, "Autonomy  {}", clean(&decided));
    let kinds: Vec<&str> = evaluation.integration.iter().map(|kind| kind.word()).collect();
    let undo = if evaluation.reversible { "a revert takes it back" } else { "it cannot be taken back" };
    let _written = writeln!(out, "Needs     {} integration; {undo}", kinds.join(", "));
    out.push_str("\nRequired\n");
    for one in &evaluation.requirements {
        requirement(&mut out, one, 2);
    }
    let (fired, quiet): (Vec<_>, Vec<_>) = evaluation.rules.iter().partition(|rule| rule.fires());
    if !fired.is_empty() {
        out.push_str("\nRules that apply\n");
    }
    for outcome in fired {
        rule(&mut out, outcome);
    }
    if !quiet.is_empty() {
        let _written = writeln!(out, "\nRules that do not apply: {}", quiet.len());
    }
    for outcome in quiet {
        let miss = outcome.predicates.iter().find(|one| one.verdict == Verdict::Unmet);
        let why =
            miss.map_or_else(String::new, |one| format!(": {} wants {}, saw {}", one.predicate, one.wants, one.seen));
        let _written = writeln!(out, "  {}{}", clean(&outcome.name), clean(&why));
    }
    out
}

fn requirement(out: &mut String, one: &RequirementOutcome, indent: usize) {
    let code = one.code.map_or_else(String::new, |code| format!(" [{code}]"));
    let seen = if one.seen.is_empty() { String::new() } else { format!(": {}", one.seen) };
    let line = format!("{}{seen}{code} (asked by {})", one.what, one.sources.join(", "));
    let _written = writeln!(out, "{:indent$}{} {}", "", mark(one.verdict), clean(&line));
}

fn rule(out: &mut String, outcome: &RuleOutcome) {
    let line = outcome.line.map_or_else(String::new, |line| format!(", line {line}"));
    let origin = match &outcome.origin {
        Origin::File => format!("the file{line}"),
        Origin::Extended { repository } => format!("{repository}{line}"),
        Origin::Branches { glob } => format!("branches {glob}{line}"),
        Origin::Lesson { source } => {
            format!("a lesson taught by {} on {}, {}{line}", source.person, source.unit, source.date)
        }
    };
    let shadow = if outcome.shadow { "; in shadow: it counts for nothing" } else { "" };
    let _written = writeln!(out, "  {} ({}{shadow})", clean(&outcome.name), clean(&origin));
    if let Some(why) = &outcome.why {
        let _written = writeln!(out, "    why: {}", clean(why));
    }
    for one in &outcome.predicates {
        let line = format!("{} {} (saw {})", one.predicate, one.wants, one.seen);
        let _written = writeln!(out, "    {} when {}", mark(one.verdict), clean(&line));
    }
    for one in &outcome.requirements {
        requirement(out, one, 4);
    }
}
