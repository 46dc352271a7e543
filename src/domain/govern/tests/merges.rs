//! Real merges of two units: what git says stands in place of what the lines say, as long as both heads and their base are what they were.

use super::super::*;
use super::desk::{Desk, sha};
use crate::domain::ids::*;
use crate::domain::integration::merged::Stop;

fn seen(stops: &[&str], built_on: bool) -> MergeSeen {
    let stop = |path: &&str| Stop { path: (*path).into(), why: format!("Both change {path} in the same place.") };
    MergeSeen { other: PrNumber(0), sha: sha(0), stops: stops.iter().map(stop).collect(), built_on }
}

/// Two units of which the second was opened when the mirror said this of it and the first.
fn two(lines: (u32, u32), said: Option<MergeSeen>) -> (Desk, PrNumber, PrNumber) {
    let mut desk = Desk::new();
    desk.context.mirrors = true;
    let (first, second) = (PrNumber(1), PrNumber(2));
    desk.mirror.extend(said.map(|said| ((second, first), said)));
    desk.opens_green(1, "alice", "src/tax.rs", lines.0);
    desk.opens_green(2, "bob", "src/tax.rs", lines.1);
    (desk, first, second)
}

fn waves(desk: &Desk) -> Vec<Vec<PrNumber>> {
    plan(&desk.state, &desk.context, "main", desk.now).waves
}

#[test]
fn without_a_mirror_nobody_asks_for_merges() {
    let mut desk = Desk::new();
    desk.opens_green(1, "alice", "src/tax.rs", 10);
    desk.opens_green(2, "bob", "src/tax.rs", 11);
    assert!(!desk.reads.iter().any(|need| matches!(need, Need::Merges { .. })), "{:?}", desk.reads);
    assert_eq!(desk.codes(PrNumber(2)), ["blocked.collision.textual"]);
}

#[test]
fn two_that_git_merges_do_not_hold_each_other_though_their_lines_touch() {
    let (desk, first, second) = two((10, 11), Some(seen(&[], false)));
    assert_eq!(waves(&desk), [[first, second]]);
    assert_eq!(desk.codes(second), ["waits.confirm"]);
}

#[test]
fn a_stop_that_the_lines_do_not_show_holds_the_second() {
    let (desk, first, second) = two((10, 300), Some(seen(&["src/rate.rs"], false)));
    assert_eq!(waves(&desk), [[first], [second]]);
    assert_eq!(desk.codes(second), ["blocked.collision.textual"]);
    let view = plan(&desk.state, &desk.context, "main", desk.now);
    assert_eq!(view.collisions[0].why, "Both change src/rate.rs in the same place.");
}

#[test]
fn where_the_mirror_lags_lines_decide() {
    let (desk, first, second) = two((10, 11), None);
    let asked =
        |need: &Need| matches!(need, Need::Merges { number, others, .. } if *number == second && others[0].0 == first);
    assert!(desk.reads.iter().any(asked), "{:?}", desk.reads);
    assert_eq!(waves(&desk), [[first], [second]]);
}

#[test]
fn what_git_said_ends_with_a_push_to_either() {
    for pushed in [PrNumber(1), PrNumber(2)] {
        let (mut desk, first, second) = two((10, 11), Some(seen(&[], false)));
        desk.mirror.clear();
        desk.pushes(pushed, 77);
        desk.green(pushed);
        desk.passes(2);
        assert_eq!(waves(&desk).len(), 2, "{pushed}");
        assert!(desk.state.relations.ties_of(first).contains(&second), "{pushed}");
    }
}

#[test]
fn what_git_said_ends_when_something_lands_in_their_files() {
    let (mut desk, _, second) = two((10, 11), Some(seen(&[], false)));
    let third = desk.opens_green(3, "carol", "src/tax.rs", 300);
    desk.says(third, "bob", "/confirm");
    assert!(desk.is_merged(third));
    assert_eq!(waves(&desk).len(), 2, "lines decide again");
    assert!(desk.state.unit(second).unwrap().merges.is_empty());
}

#[test]
fn a_head_that_holds_anothers_needs_it_first_until_that_one_is_pushed_to() {
    let (mut desk, first, second) = two((10, 300), Some(seen(&[], true)));
    assert_eq!(desk.codes(second), ["waits.dependency"]);
    assert_eq!(waves(&desk), [[first], [second]]);
    desk.mirror.clear();
    desk.pushes(first, 77);
    desk.green(first);
    desk.passes(2);
    assert_eq!(desk.codes(second), ["waits.confirm"]);
}
