//! The examples of docs/MEASURES.md, counted again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::flow::{Course, Learnt, Measures, Window, measure};
use crate::domain::ids::{PrNumber, Timestamp};

const DOCUMENT: &str = include_str!("../../../../docs/MEASURES.md");

/// A section of the document with an example.
#[derive(Default)]
struct Example {
    title: String,
    courses: BTreeMap<PrNumber, Course>,
    lessons: Vec<Learnt>,
    window: Option<(Window, i64)>,
    expected: Vec<(String, Value)>,
}

fn codes(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

fn second(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap_or_else(|error| panic!("{text}: {error}")).as_second()
}

fn number(text: &str) -> PrNumber {
    PrNumber(text.trim_start_matches('#').parse().unwrap())
}

fn read(section: &str) -> Example {
    let mut example = Example { title: section.lines().next().unwrap().to_owned(), ..Example::default() };
    for line in section.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match cells.as_slice() {
            [unit, at, kind, data] if unit.starts_with('#') => {
                let data =
                    serde_json::from_str(data.trim_matches('`')).unwrap_or_else(|error| panic!("{line}: {error}"));
                let course = example.courses.entry(number(unit)).or_default();
                course.learn(at.parse().unwrap(), kind, &data);
            }
            [unit, fired] if unit.starts_with('#') => {
                example.lessons.push(Learnt { unit: number(unit), fired: *fired == "yes" });
            }
            _ => {}
        }
        let codes = codes(line);
        match codes.as_slice() {
            [from, to, now] if line.starts_with("From `") => {
                example.window = Some((Window { from: second(from), to: second(to) }, second(now)));
            }
            [name, value] if line.starts_with("- `") && line.contains("` is `") => {
                let value = serde_json::from_str(value).unwrap_or_else(|error| panic!("{line}: {error}"));
                example.expected.push(((*name).to_owned(), value));
            }
            _ => {}
        }
    }
    example
}

fn examples() -> Vec<Example> {
    DOCUMENT.split("\n## ").skip(1).map(read).filter(|example| example.window.is_some()).collect()
}

#[test]
fn each_example_of_the_document_gives_the_number_that_it_says() {
    let mut seen = 0;
    for example in examples() {
        assert!(!example.courses.is_empty() && !example.expected.is_empty(), "{}", example.title);
        let (window, now) = example.window.unwrap();
        let units = example.courses.iter().map(|(number, course)| (*number, course));
        let measures = serde_json::to_value(measure(units, &example.lessons, window, now)).unwrap();
        for (name, expected) in &example.expected {
            let found = measures.pointer(&format!("/{}", name.replace('.', "/")));
            assert_eq!(found, Some(expected), "{}: {name}", example.title);
            seen += 1;
        }
    }
    assert!(seen >= 16, "only {seen} numbers were found: is this still how the document writes them?");
}

#[test]
fn each_measure_has_an_example() {
    let shown: BTreeSet<String> = examples()
        .iter()
        .flat_map(|example| example.expected.iter().map(|(name, _)| name.split('.').next().unwrap().to_owned()))
        .collect();
    let measures = serde_json::to_value(Measures::default()).unwrap();
    let all: BTreeSet<String> = measures.as_object().unwrap().keys().cloned().collect();
    assert_eq!(all, shown);
}
