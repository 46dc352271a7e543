use std::collections::BTreeMap;

use super::*;
use crate::domain::govern::{PlanCollision, PlanDependency, PlanGroup, PlanPosition};
use crate::present::testing::{brief, dependency};

fn plan(waves: &[&[u64]]) -> PlanView {
    let numbers = |wave: &&[u64]| wave.iter().map(|number| PrNumber(*number)).collect::<Vec<_>>();
    let waves: Vec<Vec<PrNumber>> = waves.iter().map(numbers).collect();
    let order = waves.iter().enumerate().flat_map(|(at, wave)| {
        wave.iter().map(move |number| PlanPosition { number: *number, wave: at + 1, reason: "It is so.".into() })
    });
    PlanView { base: "main".into(), order: order.collect(), waves, ..PlanView::default() }
}

fn collides(a: u64, b: u64, kind: &str) -> PlanCollision {
    PlanCollision {
        a: PrNumber(a),
        b: PrNumber(b),
        kind: kind.into(),
        paths: vec!["src/lib.rs".into()],
        why: "So it is.".into(),
    }
}

fn needs(unit: u64, what: &str) -> PlanDependency {
    PlanDependency { unit: PrNumber(unit), needs: what.into(), why: "declared".into() }
}

fn of(plan: &PlanView) -> Picture {
    picture("acme/widgets", plan, &[])
}

/// Where each unit's box is.
fn units(picture: &Picture) -> BTreeMap<u64, &Drawn> {
    let unit = |drawn: &Thing| match drawn {
        Thing::Unit(number) => Some(number.0),
        Thing::Place { .. } | Thing::Elsewhere(_) => None,
    };
    picture.boxes.iter().filter_map(|drawn| Some((unit(&drawn.what)?, drawn))).collect()
}

/// A plan of 200 units: chains, stars, long lines, a hot place.
fn large() -> PlanView {
    let waves: Vec<Vec<u64>> = (0..8).map(|wave| (wave * 25 + 1..=wave * 25 + 25).collect()).collect();
    let mut plan = plan(&waves.iter().map(Vec::as_slice).collect::<Vec<_>>());
    for n in 1..=175 {
        if n % 3 == 0 {
            plan.collisions.push(collides(n, n + 25, "textual"));
        }
        if n % 10 == 1 && n <= 100 {
            plan.dependencies.push(needs(n + 75 + n % 7, &format!("acme/widgets#{n}")));
        }
    }
    let members = (1..=200).step_by(4).map(PrNumber).collect();
    plan.groups.push(PlanGroup { path: "src/hot.rs".into(), kind: "textual".into(), members });
    plan
}

#[test]
fn waves_are_columns_and_what_relates_to_nothing_is_listed() {
    let mut plan = plan(&[&[1, 2, 3], &[4], &[5]]);
    plan.collisions = vec![collides(4, 1, "textual"), collides(1, 4, "package")];
    plan.dependencies = vec![needs(5, "Acme/Widgets#1")];
    let picture = of(&plan);
    assert_eq!(picture.alone, [PrNumber(2), PrNumber(3)]);
    let names: Vec<&str> = picture.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["Wave 1", "Wave 2", "Wave 3"]);
    let units = units(&picture);
    assert!(units[&1].x < units[&4].x && units[&4].x < units[&5].x);
    let words: Vec<&str> = picture.lines.iter().map(|line| line.words.as_str()).collect();
    assert_eq!(words, ["#5 needs #1 (declared)", "#1 and #4 collide (package, textual)"]);
    // The long line runs around what stands in the second column.
    assert!(picture.lines[0].points.len() > 2, "{:?}", picture.lines[0].points);
}

#[test]
fn what_has_landed_is_no_longer_waited_for_and_what_is_elsewhere_stands_first() {
    let mut plan = plan(&[&[1], &[2]]);
    plan.dependencies = vec![needs(1, "acme/other#7"), needs(2, "acme/widgets#9"), needs(2, "acme/other#8")];
    let mut two = brief(2);
    two.depends_on = vec![dependency("#9", "landed"), dependency("acme/other#8", "open")];
    let picture = picture("acme/widgets", &plan, &[brief(1), two]);
    let outside: Vec<&Thing> =
        picture.boxes.iter().map(|drawn| &drawn.what).filter(|thing| matches!(thing, Thing::Elsewhere(_))).collect();
    assert_eq!(outside, [&Thing::Elsewhere("acme/other#7".into()), &Thing::Elsewhere("acme/other#8".into())]);
    assert_eq!(picture.columns[0].name, "Elsewhere");
}

#[test]
fn a_hot_place_is_one_box_and_only_members_with_other_relations_stand_beside_it() {
    let mut plan = plan(&[&[1], &[2], &[3], &[4]]);
    plan.groups =
        vec![PlanGroup { path: "a.rs".into(), kind: "textual".into(), members: [1, 2, 3].map(PrNumber).into() }];
    let within = PlanCollision { paths: vec!["a.rs".into()], ..collides(1, 3, "textual") };
    plan.collisions = vec![collides(3, 4, "textual"), within];
    let picture = of(&plan);
    let place = Thing::Place { group: 0, inside: vec![PrNumber(1), PrNumber(2)] };
    assert_eq!(picture.boxes[0].what, place);
    assert_eq!(units(&picture).into_keys().collect::<Vec<_>>(), [3, 4]);
    assert_eq!(picture.lines.iter().map(|line| line.kind).collect::<Vec<_>>(), [LineKind::Collides, LineKind::Member]);
    assert!(picture.alone.is_empty(), "members are not alone: {:?}", picture.alone);
}

#[test]
fn boxes_never_lie_on_each_other_and_lines_begin_and_end_at_them() {
    let plan = large();
    let picture = of(&plan);
    for (at, a) in picture.boxes.iter().enumerate() {
        assert!(a.y - a.height / 2.0 >= 0.0 && a.y + a.height / 2.0 <= picture.height, "{a:?}");
        for b in &picture.boxes[at + 1..] {
            let apart = (a.x - b.x).abs() >= f64::midpoint(a.width, b.width)
                || (a.y - b.y).abs() >= f64::midpoint(a.height, b.height);
            assert!(apart, "{a:?} lies on {b:?}");
        }
    }
    for line in &picture.lines {
        for end in [line.points[0], line.points[line.points.len() - 1]] {
            let at = |drawn: &&Drawn| {
                ((drawn.x - end.0).abs() - drawn.width / 2.0).abs() < 0.5 && (drawn.y - end.1).abs() < 0.5
            };
            assert!(picture.boxes.iter().any(|drawn| at(&drawn)), "{line:?}");
        }
    }
}

#[test]
fn the_same_plan_gives_the_same_picture() {
    let first = of(&large());
    assert!((0..3).all(|_| of(&large()) == first));
}

#[test]
fn rows_are_placed_so_that_lines_cross_less_than_in_the_order_of_the_numbers() {
    // Eight pairs, paired backwards: in the order of the numbers every line would cross every other.
    let mut plan = plan(&[&[1, 2, 3, 4, 5, 6, 7, 8, 20], &[11, 12, 13, 14, 15, 16, 17, 18], &[21]]);
    plan.collisions = (1..=8).map(|n| collides(n, 19 - n, "textual")).collect();
    plan.collisions.extend((11..=18).map(|n| collides(n, 21, "textual")));
    let picture = of(&plan);
    let ends: Vec<(f64, f64)> = picture
        .lines
        .iter()
        .filter(|line| line.words.contains(" and #1") && !line.words.contains("#21"))
        .map(|line| (line.points[0].1, line.points[line.points.len() - 1].1))
        .collect();
    assert_eq!(ends.len(), 8);
    let crosses = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0) * (a.1 - b.1) < 0.0;
    let crossings = ends.iter().enumerate().map(|(at, a)| ends[at + 1..].iter().filter(|b| crosses(a, b)).count());
    assert_eq!(crossings.sum::<usize>(), 0);
}

#[test]
fn units_in_a_circle_or_in_one_wave_are_drawn_too() {
    let mut plan = plan(&[&[1, 2], &[3]]);
    plan.dependencies = vec![needs(1, "#2"), needs(2, "#1"), needs(1, "#3"), needs(3, "#1")];
    let picture = of(&plan);
    assert_eq!((picture.lines.len(), units(&picture).len()), (4, 3));
}

#[test]
fn of_too_many_units_the_first_are_drawn_and_the_others_counted() {
    let numbers: Vec<u64> = (1..=MOST as u64 + 10).collect();
    let mut plan = plan(&[&numbers, &[1000]]);
    plan.collisions = numbers.iter().map(|n| collides(*n, 1000, "textual")).collect();
    let picture = of(&plan);
    assert_eq!((units(&picture).len(), picture.left_out), (MOST, 11));
}

#[test]
fn where_everything_collides_with_everything_there_is_a_picture_still() {
    let numbers: Vec<u64> = (1..=60).collect();
    let waves: Vec<&[u64]> = numbers.chunks(1).collect();
    let mut plan = plan(&waves);
    let pairs = numbers.iter().flat_map(|a| numbers.iter().map(move |b| (*a, *b))).filter(|(a, b)| a < b);
    plan.collisions = pairs.map(|(a, b)| collides(a, b, "textual")).collect();
    let picture = of(&plan);
    let lines = (picture.lines.len(), picture.hidden);
    assert_eq!((units(&picture).len(), lines), (60, (MOST_LINES, 60 * 59 / 2 - MOST_LINES)));
}
