//! Entity tags: who has it already is not sent it again.

use crate::described::{Document, filled};
use crate::world::World;

#[tokio::test]
async fn an_answer_that_the_caller_has_is_not_sent_again() {
    let world = World::busy().await;
    let document = Document::of(&world).await;
    for (_, path, operation) in document.operations().into_iter().filter(|(method, ..)| method == "GET") {
        let at = filled(&path, operation);
        let first = world.get(&at).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 20, "{at}: {tag}");
        assert_eq!(first.header("cache-control"), "private, no-cache", "{at}");
        for has in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = world.get_with(&at, &[("if-none-match", &has)]).await;
            assert_eq!((again.status, again.text.as_str()), (304, ""), "{at} with {has}");
            assert_eq!(again.header("etag"), tag, "{at} with {has}");
        }
        for other in ["\"other\"", "", "not a tag"] {
            let again = world.get_with(&at, &[("if-none-match", other)]).await;
            assert_eq!((again.status, again.text == first.text), (200, true), "{at} with {other}");
        }
    }
}

#[tokio::test]
async fn what_changed_has_another_tag_and_what_did_not_keeps_its_own() {
    let world = World::busy().await;
    let paths = ["units/1", "units", "plan/main", "units/3"].map(|path| format!("/api/v1/repos/acme/shop/{path}"));
    let mut before = Vec::new();
    for path in &paths {
        before.push(world.get(path).await.header("etag").to_owned());
    }
    world.says(world.unit(1), "carol", "/hold not today").await;
    for (path, (tag, changes)) in paths.iter().zip(before.iter().zip([true, true, true, false])) {
        let after = world.get_with(path, &[("if-none-match", tag)]).await;
        assert_eq!(after.status, if changes { 200 } else { 304 }, "{path}: {}", after.text);
    }
    let wrong = world.get_with("/api/v1/repos/acme/other/units", &[("if-none-match", "*")]).await;
    assert_eq!((wrong.status, wrong.header("etag")), (404, ""), "a problem is never cached");
}
