//! Tells the story: Markdown made readable in a terminal.

use termimad::MadSkin;

/// Writes to the terminal, with colours where it has them.
#[derive(Default)]
pub(super) struct Teller {
    skin: MadSkin,
}

impl Teller {
    /// A scene begins.
    pub(super) fn scene(&self, title: &str) {
        anstream::println!(
            "\n\u{1b}[1m── {title} {}\u{1b}[0m",
            "─".repeat(70_usize.saturating_sub(title.chars().count()))
        );
    }

    /// Somebody does something, or something is so.
    pub(super) fn say(&self, markdown: &str) {
        anstream::print!("{}", self.skin.text(markdown, Some(100)));
    }

    /// What a person sees on the pull request: indented, as quoted.
    pub(super) fn show(&self, title: &str, markdown: &str) {
        anstream::println!("\u{1b}[2m  ┌ {title}\u{1b}[0m");
        let text = self.skin.text(&readable(markdown), Some(92)).to_string();
        for line in text.lines() {
            anstream::println!("\u{1b}[2m  │\u{1b}[0m {line}");
        }
        anstream::println!("\u{1b}[2m  └\u{1b}[0m");
    }
}

/// What a browser would not show is left out, what it folds stays folded.
fn readable(markdown: &str) -> String {
    let mut out = String::new();
    let mut folded = false;
    for line in markdown.lines() {
        let start = line.trim_start();
        if start.starts_with("<!--") {
            continue;
        }
        if let Some(rest) = start.strip_prefix("<details>") {
            folded = true;
            let title = rest.trim().trim_start_matches("<summary>").trim_end_matches("</summary>");
            out.push_str(&format!("▸ {title}\n"));
        } else if let Some(rest) = start.strip_prefix("<summary>").filter(|_| folded) {
            out.truncate(out.trim_end().len());
            out.push_str(&format!(" {}\n", rest.trim_end_matches("</summary>")));
        } else if start.starts_with("</details>") {
            folded = false;
        } else if !folded {
            out.push_str(&unescaped(line));
            out.push('\n');
        }
    }
    out
}

/// Backslashes and entities that keep GitHub from making links of things; a terminal makes none.
fn unescaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        let escapes = c == '\\' && characters.peek().is_some_and(char::is_ascii_punctuation);
        if !escapes && !matches!(c, '\u{2060}' | '\u{200b}' | '\u{feff}') {
            out.push(c);
        }
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&#64;", "@").replace("&amp;", "&")
}
