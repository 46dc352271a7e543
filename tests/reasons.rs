//! The documented list of reason codes is the program's list, in its order.

use flyball::domain::unit::ReasonCode;

const DOCUMENT: &str = include_str!("../docs/REASONS.md");

/// The rows of the table: code, meaning, who, next step.
fn rows() -> Vec<Vec<&'static str>> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
    DOCUMENT.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

#[test]
fn every_code_is_documented_once_and_in_order() {
    let documented: Vec<&str> = rows().iter().map(|row| row[0].trim_matches('`')).collect();
    let codes: Vec<&str> = ReasonCode::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(documented, codes);
}

#[test]
fn every_code_has_its_meaning_whose_move_it_is_and_a_next_step() {
    for row in rows() {
        let [code, meaning, who, next] = row[..] else { panic!("four cells: {row:?}") };
        assert!(meaning.ends_with('.') && next.ends_with('.'), "{code}: sentences");
        assert!(["person", "time"].contains(&who), "{code}: {who}");
    }
}

#[test]
fn a_code_is_written_the_same_in_json() {
    for code in ReasonCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.code());
        assert_eq!(code.to_string(), code.code());
    }
}
