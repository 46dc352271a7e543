//! From what was seen to checks. Pure: every function here is a table in its tests.

pub(super) mod app;
pub(super) mod grants;
pub(super) mod hook;
pub(super) mod repository;
pub(super) mod store;

/// Names in a sentence: `a`, `b` and 3 more.
fn listed<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 6;
    let shown = names.iter().take(SHOWN).map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}
