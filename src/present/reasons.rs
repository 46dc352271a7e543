//! The documented list of reason codes, as the pages show it: docs/REASONS.md is the one place where their meaning is written.

const DOCUMENT: &str = include_str!("../../docs/REASONS.md");

/// One reason code and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The code.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Whose move it is: `person` or `time`.
    pub who: &'static str,
    /// What to do.
    pub next: &'static str,
}

/// Every reason code, in the order of the documentation.
#[must_use]
pub fn meanings() -> Vec<Meaning> {
    let rows = DOCUMENT.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let code = cells.next()?.trim_matches('`');
        Some(Meaning { code, meaning: cells.next()?, who: cells.next()?, next: cells.next()? })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::unit::ReasonCode;

    #[test]
    fn every_code_has_its_row() {
        let shown: Vec<&str> = meanings().iter().map(|row| row.code).collect();
        let codes: Vec<&str> = ReasonCode::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(shown, codes);
        assert!(meanings().iter().all(|row| row.meaning.ends_with('.') && row.next.ends_with('.')));
    }
}
