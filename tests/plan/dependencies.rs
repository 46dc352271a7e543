//! Dependencies that can never be met.

use super::repository::{Repository, on};

fn needing(needs: impl Fn(usize) -> String, count: usize) -> Repository {
    let mut repository = Repository::with(&[("a.txt", "one\n")]);
    for at in 1..=count {
        let commit =
            on(&["main"]).writes(format!("f{at}"), "x\n").says(&format!("Change\n\nDepends-On: {}\n", needs(at)));
        repository = repository.branch(&format!("{at}"), commit);
    }
    repository.made()
}

#[test]
fn a_head_that_needs_itself_is_said_and_holds_nobody() {
    let plan = needing(|at| if at == 1 { "#1".to_owned() } else { "none".to_owned() }, 2).plan(&["1", "2"], "exact");
    assert_eq!(plan["order"].as_array().map(Vec::len), Some(2));
    assert!(plan["reasons"]["1"].as_str().is_some_and(|why| why.contains("itself")), "{}", plan["reasons"]);
    assert_eq!(plan["order"][0], "2", "what can never land comes last");
}

#[test]
fn a_head_that_needs_what_is_not_there_says_so() {
    let plan = needing(|_| "#404, elsewhere/repo#3".to_owned(), 1).plan(&["1"], "hunks");
    let needed: Vec<_> =
        plan["dependencies"].as_array().expect("a list").iter().map(|one| one["needs"].clone()).collect();
    assert_eq!(needed, ["#404", "elsewhere/repo#3"]);
    assert!(plan["reasons"]["1"].as_str().is_some_and(|why| why.contains("#404")), "{}", plan["reasons"]);
}

#[test]
fn a_circle_of_fifty_is_named_and_does_not_loop() {
    let repository = needing(|at| if at == 51 { "none".to_owned() } else { format!("#{}", at % 50 + 1) }, 51);
    let names: Vec<String> = (1..=51).map(|at| at.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plan = repository.plan(&names, "exact");
    assert_eq!(plan["order"].as_array().map(Vec::len), Some(51));
    assert_eq!(plan["order"][0], "51", "what is in the circle comes last");
    let why = plan["reasons"]["7"].as_str().expect("a sentence");
    assert!(why.contains("circle") || why.contains("cycle"), "{why}");
}
