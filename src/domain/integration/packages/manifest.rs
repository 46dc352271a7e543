//! Whole manifests to their dependencies.

use super::line::gem_line;
use super::{Manifest, Requirements, python_name, python_requirement};

/// The dependencies of a manifest, or what is wrong with it.
pub(super) fn requirements(kind: Manifest, text: &str) -> Result<Requirements, String> {
    let mut all = Requirements::new();
    match kind {
        Manifest::CargoToml => cargo(text, &mut all)?,
        Manifest::PackageJson => package_json(text, &mut all)?,
        Manifest::GoMod => go_mod(text, &mut all),
        Manifest::PyprojectToml => pyproject(text, &mut all)?,
        Manifest::RequirementsTxt => requirements_txt(text, &mut all),
        Manifest::PomXml => pom(text, &mut all)?,
        Manifest::Gemfile => text
            .lines()
            .filter_map(|line| gem_line(line.trim()))
            .for_each(|(name, version)| add(&mut all, name, version)),
    }
    Ok(all)
}

fn add(all: &mut Requirements, name: String, requirement: String) {
    all.entry(name).or_default().insert(requirement);
}

fn toml_table(text: &str) -> Result<toml::Table, String> {
    text.parse::<toml::Table>().map_err(|error| error.message().to_owned())
}

const CARGO_SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

fn cargo(text: &str, all: &mut Requirements) -> Result<(), String> {
    let manifest = toml_table(text)?;
    let mut tables = vec![&manifest];
    tables.extend(manifest.get("workspace").and_then(toml::Value::as_table));
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    tables.extend(targets.into_iter().flat_map(|targets| targets.values()).filter_map(toml::Value::as_table));
    for section in
        tables.into_iter().flat_map(|table| CARGO_SECTIONS.iter().filter_map(|name| table.get(*name)?.as_table()))
    {
        for (key, value) in section {
            let name = value.get("package").and_then(toml::Value::as_str).unwrap_or(key);
            if let Some(requirement) = cargo_requirement(value) {
                add(all, name.to_owned(), requirement);
            }
        }
    }
    Ok(())
}

/// The version, or where else it comes from; nothing where the workspace says it.
fn cargo_requirement(value: &toml::Value) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(toml::Value::as_str);
    if let Some(version) = value.as_str().or_else(|| text("version")) {
        return Some(version.to_owned());
    }
    if value.get("workspace").is_some() {
        return None;
    }
    if let Some(git) = text("git") {
        let at = ["rev", "tag", "branch"].iter().find_map(|key| text(key)).unwrap_or("its default branch");
        return Some(format!("{git} at {at}"));
    }
    Some(text("path").map_or_else(|| "any version".to_owned(), |path| format!("path {path}")))
}

const NPM_SECTIONS: [&str; 5] =
    ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "resolutions"];

fn package_json(text: &str, all: &mut Requirements) -> Result<(), String> {
    let manifest: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let pnpm = manifest.get("pnpm").and_then(|pnpm| pnpm.get("overrides"));
    let sections =
        NPM_SECTIONS.iter().filter_map(|name| manifest.get(*name)).chain(manifest.get("overrides")).chain(pnpm);
    for (name, version) in sections.filter_map(serde_json::Value::as_object).flatten() {
        if let Some(version) = version.as_str() {
            add(all, name.clone(), version.to_owned());
        }
    }
    Ok(())
}

fn go_mod(text: &str, all: &mut Requirements) {
    let mut block = None;
    for line in text.lines().map(|line| line.split("//").next().unwrap_or("").trim()) {
        match block {
            Some(_) if line == ")" => block = None,
            Some(word) => go_directive(word, line, all),
            None => match line.split_once(char::is_whitespace) {
                Some((word, "(")) => block = Some(word),
                Some((word, rest)) => go_directive(word, rest, all),
                None => {}
            },
        }
    }
}

fn go_directive(word: &str, rest: &str, all: &mut Requirements) {
    let mut parts = rest.split_whitespace();
    let (Some(module), Some(version)) = (parts.next(), parts.next()) else { return };
    match word {
        "require" => add(all, module.to_owned(), version.to_owned()),
        "replace" => {
            let by: Vec<&str> = rest.split("=>").nth(1).unwrap_or("").split_whitespace().collect();
            add(all, module.to_owned(), format!("replaced by {}", by.join(" ")));
        }
        _ => {}
    }
}

fn pyproject(text: &str, all: &mut Requirements) -> Result<(), String> {
    let manifest = toml_table(text)?;
    let project = manifest.get("project");
    let mut lists: Vec<&toml::Value> = project.and_then(|project| project.get("dependencies")).into_iter().collect();
    let groups = [project.and_then(|project| project.get("optional-dependencies")), manifest.get("dependency-groups")];
    lists.extend(groups.into_iter().flatten().filter_map(toml::Value::as_table).flat_map(|table| table.values()));
    for text in lists.into_iter().filter_map(toml::Value::as_array).flatten().filter_map(toml::Value::as_str) {
        if let Some((name, version)) = python_requirement(text) {
            add(all, name, version);
        }
    }
    let Some(poetry) = manifest.get("tool").and_then(|tool| tool.get("poetry")) else { return Ok(()) };
    let mut tables: Vec<&toml::Value> =
        ["dependencies", "dev-dependencies"].iter().filter_map(|key| poetry.get(key)).collect();
    let named = poetry.get("group").and_then(toml::Value::as_table);
    tables.extend(named.into_iter().flat_map(|groups| groups.values()).filter_map(|group| group.get("dependencies")));
    for (name, value) in tables.into_iter().filter_map(toml::Value::as_table).flatten() {
        if let Some(requirement) = cargo_requirement(value) {
            add(all, python_name(name), requirement);
        }
    }
    Ok(())
}

fn requirements_txt(text: &str, all: &mut Requirements) {
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '-'])) {
        if let Some((name, version)) = python_requirement(line.trim_end_matches('\\')) {
            add(all, name, version);
        }
    }
}

fn pom(text: &str, all: &mut Requirements) -> Result<(), String> {
    let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    let property = |name: &str| {
        let mut properties = document
            .descendants()
            .filter(|node| node.tag_name().name() == "properties")
            .flat_map(|node| node.children());
        properties.find(|node| node.tag_name().name() == name).and_then(|node| node.text()).map(str::trim)
    };
    for node in
        document.descendants().filter(|node| matches!(node.tag_name().name(), "dependency" | "plugin" | "parent"))
    {
        let child = |name: &str| {
            node.children().find(|child| child.tag_name().name() == name).and_then(|child| child.text()).map(str::trim)
        };
        let Some(artifact) = child("artifactId") else { continue };
        let name = format!("{}:{artifact}", child("groupId").unwrap_or("org.apache.maven.plugins"));
        let Some(version) = child("version") else { continue };
        // `${x.version}`: the version stands among the properties.
        let inner = version.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        add(all, name, inner.and_then(property).unwrap_or(version).to_owned());
    }
    Ok(())
}
