//! What Flyball says about the policy: pull requests that change it, the rule it would write, long waits.

use super::reply::sealed;
use super::text::{Prose, code};
use super::words;
use crate::domain::ids::Timestamp;
use crate::domain::policy::file::{Lesson, Rule};
use crate::domain::policy::lessons::written;
use crate::domain::unit::{Brief, LessonOffer};

/// The description of a pull request that writes a lesson.
#[must_use]
pub fn lesson(lesson: &Lesson, unit: &str, by: &str) -> String {
    let by = code(by, 60);
    format!(
        "{by} asked on {unit} to remember this. Merged, it counts for every unit that it matches; {} retires it again.\n\n{}\nWhoever asked counts as an author of this pull request: somebody else confirms it.\n",
        code(&format!("/forget {}", lesson.name), 128),
        fenced(&written(lesson)),
    )
}

/// The description of a pull request that retires a lesson.
#[must_use]
pub fn forgotten(name: &str, unit: &str, by: &str) -> String {
    let (name, by) = (code(name, 120), code(by, 60));
    format!(
        "{by} asked on {unit} to forget the lesson {name}. Merged, it counts for nothing any more and stays in the file as history.\n\nWhoever asked counts as an author of this pull request: somebody else confirms it.\n"
    )
}

/// The description of a pull request that takes `unit` (`owner/repo#n`) back. Its first line is GitHub's own wording.
#[must_use]
pub fn revert(unit: &str, why: &str, by: &str) -> String {
    let why = if why.is_empty() { String::new() } else { format!("\n{}\n", Prose::default().say(why, 500)) };
    let by = code(by, 60);
    format!(
        "Reverts {unit}\n{why}\n{by} asked for it. It is judged like any other pull request; whoever asked counts as an author of it, so somebody else confirms it.\n"
    )
}

/// The description of a pull request that adds a rule which a record suggests.
#[must_use]
pub fn widened(rule: &Rule, why: &str) -> String {
    let prose = Prose::default();
    format!(
        "{} Merged, this rule says so; closed, it is not suggested again.\n\n{}\nFlyball suggests, and never changes the policy by itself.\n",
        prose.say(why, 400),
        fenced(&written(rule)),
    )
}

/// The rule that `/remember` would write, folded under the conditions.
pub(super) fn offered(offer: Option<&LessonOffer>) -> String {
    let Some(offer) = offer else { return String::new() };
    format!(
        "**As a rule** (since {}): `/remember` opens a pull request that adds this to the policy, `/remember <lesson>` the same with other words.\n\n{}\n",
        Prose::default().say(&offer.because, 300),
        fenced(&offer.rule)
    )
}

/// One mention for a long wait. `whom` are logins and teams that may be mentioned.
#[must_use]
pub fn mention(whom: &[String], brief: &Brief, what: &str, since: Timestamp, id: &str) -> String {
    let prose = Prose::of(std::slice::from_ref(brief));
    let day = since.strftime("%Y-%m-%d %H:%M UTC");
    let title = prose.say(&words::title(brief), 140);
    sealed(&format!("{}: {title}, since {day}. What helps: {}.", whom.join(" "), prose.say(what, 200)), id)
}

/// Text between fences that it cannot close.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}yaml\n{}\n{fence}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_cannot_close_its_fence() {
        let hostile = Lesson { name: "x".into(), why: Some("```\n@everyone\n````".into()), ..Lesson::default() };
        let body = lesson(&hostile, "#1", "bob");
        let fence = body.lines().find(|line| line.ends_with("yaml")).unwrap().trim_end_matches("yaml");
        assert_eq!(body.lines().filter(|line| line.trim() == fence).count(), 1, "{body}");
        assert_eq!(fence, "`````");
    }

    #[test]
    fn an_offer_tells_the_rule_and_what_writes_it() {
        let offer = LessonOffer { because: "it was refused".into(), rule: "- name: \"x\"".into() };
        insta::assert_snapshot!(offered(Some(&offer)), @r#"
        **As a rule** (since it was refused): `/remember` opens a pull request that adds this to the policy, `/remember <lesson>` the same with other words.

        ```yaml
        - name: "x"
        ```
        "#);
        assert_eq!(offered(None), "");
    }
}
