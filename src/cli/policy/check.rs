//! `flyball policy check`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use flyball::domain::policy::codeowners::{BadLine, CodeOwners};
use flyball::domain::policy::{Finding, Level};
use serde::Serialize;

use super::{Format, PolicyArgs, clean, files, print, print_json};

#[derive(Serialize)]
struct Report {
    file: String,
    valid: bool,
    digest: Option<String>,
    rules: usize,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    codeowners: Vec<BadLine>,
}

pub(super) fn run(
    policy: &PolicyArgs,
    list: Option<&Path>,
    codeowners: Option<&Path>,
    format: Format,
) -> anyhow::Result<ExitCode> {
    let known = list.map(files::text).transpose()?;
    let known: Option<Vec<String>> =
        known.map(|text| text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect());
    let loaded = files::loaded(&policy.file, policy.extended.file.as_deref(), known.as_deref())?;
    let standard = loaded.standard.as_ref();
    let owners = codeowners.map(bad_lines).transpose()?;
    let report = Report {
        file: policy.file.display().to_string(),
        valid: standard.is_some(),
        digest: standard.map(|standard| standard.identity.digest.clone()),
        rules: standard.map_or(0, |standard| standard.len()),
        findings: loaded.findings,
        codeowners: owners.unwrap_or_default(),
    };
    let extends =
        standard.and_then(|standard| standard.file.extends.clone()).filter(|_| policy.extended.file.is_none());
    match format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&text(&report, codeowners, extends.as_deref()))?,
    }
    let fine = report.findings.is_empty() && report.codeowners.is_empty();
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn bad_lines(path: &Path) -> anyhow::Result<Vec<BadLine>> {
    let owners = CodeOwners::parse(&files::text(path)?).with_context(|| path.display().to_string())?;
    Ok(owners.bad_lines().to_vec())
}

fn text(report: &Report, codeowners: Option<&Path>, extends: Option<&str>) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let place = finding.at.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
        let level = if finding.level == Level::Error { "error" } else { "warning" };
        let _written = writeln!(out, "{}{place}: {level}: {}", report.file, clean(&finding.message));
    }
    for bad in &report.codeowners {
        let path = codeowners.map(|path| path.display().to_string()).unwrap_or_default();
        let _written = writeln!(out, "{path}:{}: GitHub skips this line: {}", bad.line, clean(&bad.why));
    }
    let _written = match (&report.digest, report.rules) {
        (None, _) => writeln!(out, "{} is not valid: the last valid version would stay in force", report.file),
        (Some(digest), 1) => writeln!(out, "{} is valid: 1 rule, digest {digest}", report.file),
        (Some(digest), rules) => writeln!(out, "{} is valid: {rules} rules, digest {digest}", report.file),
    };
    if let Some(extends) = extends {
        let _written =
            writeln!(out, "It extends {extends}, which was not looked at: give a copy of its file with --extended.");
    }
    out
}
