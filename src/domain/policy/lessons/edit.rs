//! Writes a lesson into the text of a policy file, or marks one as retired: comments, order and layout of everything else stay as they are.
//!
//! Lines are inserted, nothing is printed anew. The result is read again and must say exactly the old policy with the change: otherwise
//! nothing is returned but an error, and a person edits the file.

use serde::Serialize;
use serde_json::Value as Json;

use crate::domain::policy::file::{Lesson, PolicyFile, Retired, Rule, parse};
use crate::domain::policy::yaml::{self, Located, Node, Value};

/// Why a file cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file is broken: it must be mended first.
    #[error("the policy file has an error, {0}")]
    Broken(Located),
    /// Its layout leaves no place to insert a line.
    #[error(
        "`{0}` in the policy file is written in brackets: write it as a list with one line per key, then try again"
    )]
    Layout(&'static str),
    /// There is no such lesson in force; the nearest name is given where one is near.
    #[error("there is no lesson `{name}`{}", nearest.as_ref().map(|name| format!(": did you mean `{name}`?")).unwrap_or_default())]
    NoSuchLesson {
        /// What was asked for.
        name: String,
        /// The nearest name.
        nearest: Option<String>,
    },
    /// A rule or lesson has this name already.
    #[error("`{0}` is the name of a rule or lesson already")]
    Taken(String),
    /// The edited text would not say what it should.
    #[error("the policy file has a layout that cannot be edited safely: edit it by hand")]
    Unsafe,
}

/// Adds a lesson at the end of `lessons`.
///
/// # Errors
/// [`EditError`]: nothing was changed.
pub fn add_lesson(text: &str, lesson: &Lesson) -> Result<String, EditError> {
    let (file, node) = read(text)?;
    let mut names = file.rules.iter().map(|rule| &rule.name).chain(file.lessons.iter().map(|lesson| &lesson.name));
    if names.any(|name| name.eq_ignore_ascii_case(&lesson.name)) {
        return Err(EditError::Taken(lesson.name.clone()));
    }
    let text = with_item(text, &node, "lessons", lesson)?;
    let mut expected = file;
    expected.lessons.push(lesson.clone());
    verified(text, &expected)
}

/// Adds a rule at the end of `rules`.
///
/// # Errors
/// [`EditError`]: nothing was changed.
pub fn add_rule(text: &str, rule: &Rule) -> Result<String, EditError> {
    let (file, node) = read(text)?;
    let mut names = file.rules.iter().map(|rule| &rule.name).chain(file.lessons.iter().map(|lesson| &lesson.name));
    if names.any(|name| name.eq_ignore_ascii_case(&rule.name)) {
        return Err(EditError::Taken(rule.name.clone()));
    }
    let text = with_item(text, &node, "rules", rule)?;
    let mut expected = file;
    expected.rules.push(rule.clone());
    verified(text, &expected)
}

/// The text with one more item at the end of a list at the top of the file.
fn with_item(text: &str, node: &Node, list: &'static str, one: &impl Serialize) -> Result<String, EditError> {
    let mut lines = Lines::of(text);
    let entries = node.entries().unwrap_or_default();
    match entries.iter().position(|(key, _)| key.text() == Some(list)) {
        None => lines.append_list(list, one),
        Some(at) => {
            let (key, value) = &entries[at];
            let end = entries.get(at + 1).map(|(next, _)| index(next.at.line));
            match value.items().and_then(<[Node]>::first) {
                None => lines.fill_list(list, (key, value), one)?,
                Some(first) => lines.extend_list(list, first, end, one)?,
            }
        }
    }
    Ok(lines.text())
}

/// Marks a lesson as retired: it stays in the file as history and counts for nothing.
///
/// # Errors
/// [`EditError`]: nothing was changed.
pub fn retire_lesson(text: &str, name: &str, retired: &Retired) -> Result<String, EditError> {
    let (mut file, node) = read(text)?;
    let live = |lesson: &&mut Lesson| lesson.retired.is_none() && lesson.name.eq_ignore_ascii_case(name.trim());
    let names: Vec<String> =
        file.lessons.iter().filter(|lesson| lesson.retired.is_none()).map(|lesson| lesson.name.clone()).collect();
    let Some(lesson) = file.lessons.iter_mut().find(live) else {
        let nearest = yaml::nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        return Err(EditError::NoSuchLesson { name: yaml::short(name), nearest });
    };
    lesson.retired = Some(retired.clone());
    let items = node.get("lessons").and_then(Node::items).unwrap_or_default();
    let item = items.iter().find(|item| item.get("name").and_then(Node::text) == Some(lesson.name.as_str()));
    let entries = item.and_then(Node::entries).unwrap_or_default();
    let (Some((first, _)), Some((second, _))) = (entries.first(), entries.get(1)) else {
        return Err(EditError::Unsafe);
    };
    if first.at.line == second.at.line {
        return Err(EditError::Layout("lessons"));
    }
    let mut lines = Lines::of(text);
    let indent = " ".repeat(index(second.at.column));
    lines.insert(index(second.at.line), vec![format!("{indent}retired: {}", flow(retired))]);
    verified(lines.text(), &file)
}

fn index(from_one: u64) -> usize {
    usize::try_from(from_one.saturating_sub(1)).unwrap_or(usize::MAX)
}

fn read(text: &str) -> Result<(PolicyFile, Node), EditError> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors.into_iter().next() {
        return Err(EditError::Broken(error));
    }
    match yaml::read(text) {
        Ok(Some(node)) => Ok((parsed.file, node)),
        Ok(None) => Err(EditError::Unsafe),
        Err(error) => Err(EditError::Broken(error)),
    }
}

/// The edited text, if it says what it should: places in the file aside.
fn verified(text: String, expected: &PolicyFile) -> Result<String, EditError> {
    let parsed = parse(&text);
    let same = |a: &PolicyFile, b: &PolicyFile| serde_json::to_value(a).ok() == serde_json::to_value(b).ok();
    if parsed.errors.is_empty() && same(&parsed.file, expected) { Ok(text) } else { Err(EditError::Unsafe) }
}

struct Lines {
    lines: Vec<String>,
    end: &'static str,
}

impl Lines {
    fn of(text: &str) -> Self {
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { lines: text.lines().map(str::to_owned).collect(), end }
    }

    fn text(&self) -> String {
        let mut text = self.lines.join(self.end);
        text.push_str(self.end);
        text
    }

    fn insert(&mut self, at: usize, new: Vec<String>) {
        let at = at.min(self.lines.len());
        self.lines.splice(at..at, new);
    }

    /// The file has no such list yet.
    fn append_list(&mut self, list: &str, one: &impl Serialize) {
        let ends = self.lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
        self.lines.truncate(ends);
        self.lines.push(String::new());
        self.lines.push(format!("{list}:"));
        self.lines.extend(item(one, 2));
    }

    /// `lessons:` or `lessons: []`.
    fn fill_list(
        &mut self,
        list: &'static str,
        (key, value): (&Node, &Node),
        one: &impl Serialize,
    ) -> Result<(), EditError> {
        let at = index(key.at.line);
        let line = self.lines.get_mut(at).ok_or(EditError::Unsafe)?;
        if value.value != Value::Null {
            let opens = line.find('[').ok_or(EditError::Layout(list))?;
            let closes = line[opens..].find(']').ok_or(EditError::Layout(list))? + opens;
            let rest = line[closes + 1..].trim_start();
            let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
            *line = format!("{}{rest}", line[..opens].trim_end());
        }
        self.insert(at + 1, item(one, 2));
        Ok(())
    }

    /// Behind the last item of a list; comments and empty lines before the next key stay with that key.
    fn extend_list(
        &mut self,
        list: &'static str,
        first: &Node,
        end: Option<usize>,
        one: &impl Serialize,
    ) -> Result<(), EditError> {
        let line = self.lines.get(index(first.at.line)).ok_or(EditError::Unsafe)?;
        let before: String = line.chars().take(index(first.at.column)).collect();
        if before.trim() != "-" {
            return Err(EditError::Layout(list));
        }
        let indent = before.chars().take_while(|c| *c == ' ').count();
        let mut at = end.unwrap_or(self.lines.len());
        let outside = |line: &String| {
            let depth = line.chars().take_while(|c| *c == ' ').count();
            line.trim().is_empty() || line.trim_start().starts_with('#') && depth <= indent || line.trim_end() == "..."
        };
        while at > 0 && self.lines.get(at - 1).is_some_and(outside) {
            at -= 1;
        }
        self.insert(at, item(one, indent));
        Ok(())
    }
}

/// A rule or lesson as an item of a list, one line for each key.
fn item(one: &impl Serialize, indent: usize) -> Vec<String> {
    let Ok(Json::Object(keys)) = serde_json::to_value(one) else { return Vec::new() };
    let lead = " ".repeat(indent);
    let line = |(at, (key, value)): (usize, (&String, &Json))| {
        let mark = if at == 0 { "- " } else { "  " };
        format!("{lead}{mark}{key}: {}", in_flow(value))
    };
    keys.iter().enumerate().map(line).collect()
}

/// A rule or lesson as the file would have it: YAML, an item of its list.
#[must_use]
pub fn written(one: &impl Serialize) -> String {
    item(one, 0).join("\n")
}

fn flow(value: &impl Serialize) -> String {
    serde_json::to_value(value).map(|value| in_flow(&value)).unwrap_or_default()
}

/// A value on one line: text in double quotes, which YAML reads as JSON does.
fn in_flow(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(in_flow).collect::<Vec<_>>().join(", ")),
        Json::Object(keys) => {
            let entry = |(key, value): (&String, &Json)| format!("{key}: {}", in_flow(value));
            format!("{{ {} }}", keys.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.to_string(),
    }
}
