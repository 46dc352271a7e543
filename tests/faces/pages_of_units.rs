//! A list longer than a page is read to its end.

use flyball::sim::Files;

use crate::world::World;

#[tokio::test]
async fn the_next_page_begins_where_the_one_before_ended() {
    let world = World::quiet().await;
    for number in 1..=103 {
        let files = Files::new().with(&format!("notes/{number}.md"), "note\n");
        world.stage.github.open_pull(world.repo, "alice", &format!("Note {number}"), files);
    }
    world.stage.settle().await;
    let mut path = "/api/v1/repos/acme/shop/units?state=open".to_owned();
    let mut pages: Vec<Vec<u64>> = Vec::new();
    loop {
        let page = world.get(&path).await.json();
        let units = page["units"].as_array().unwrap();
        pages.push(units.iter().map(|unit| unit["number"].as_u64().unwrap()).collect());
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut path),
            None => break,
        }
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 3]);
    assert_eq!(pages.concat(), (1..=103).collect::<Vec<u64>>());
    assert!(path.contains("state=open"), "the filter goes along: {path}");
}
