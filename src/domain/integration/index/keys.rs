//! Under which names a footprint is entered, and under which it is looked up.

use super::GroupSeat;
use crate::domain::integration::footprint::{FileChange, Footprint};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A path whose text is merged by line.
    Path,
    /// A path that comes into being under this folder.
    Folder,
    /// A dependency.
    Package,
    /// A number of a series.
    Series,
    /// An exclusive component.
    Component,
}

/// One name of a footprint.
#[derive(Debug, Clone)]
pub(super) struct Key<'a> {
    pub(super) name: String,
    pub(super) sort: Sort,
    pub(super) file: Option<&'a FileChange>,
    asks_also: Option<String>,
}

impl Key<'_> {
    /// The names to look under: a folder's name finds the file of that name, a new file's name also what is made under it.
    pub(super) fn asks(&self) -> impl Iterator<Item = &str> {
        let own = (self.sort != Sort::Folder).then_some(self.name.as_str());
        own.into_iter().chain(self.asks_also.as_deref())
    }
}

/// The name under which a path is entered.
pub(super) fn path_name(path: &str) -> String {
    format!("p:{path}")
}

/// The part of a name that people read.
pub(super) fn shown(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, rest)| rest)
}

/// Under which names a seat's place may be entered.
pub(super) fn names_of_seat(seat: &GroupSeat) -> [String; 4] {
    ["p", "k", "s", "c"].map(|sort| format!("{sort}:{}", seat.path))
}

/// All names of a footprint, each once per file.
pub(super) fn keys_of(footprint: &Footprint) -> Vec<Key<'_>> {
    let mut keys = Vec::with_capacity(footprint.files.len() * 2 + footprint.components.len());
    for file in &footprint.files {
        keys_of_file(file, &mut keys);
    }
    for component in &footprint.components {
        keys.push(Key { name: format!("c:{component}"), sort: Sort::Component, file: None, asks_also: None });
    }
    keys
}

fn keys_of_file<'a>(file: &'a FileChange, keys: &mut Vec<Key<'a>>) {
    let base = file.base_path();
    if let Some(path) = base {
        keys.push(Key { name: path_name(path), sort: Sort::Path, file: Some(file), asks_also: None });
    }
    if let Some(path) = file.new_path() {
        let asks_also = Some(format!("d:{path}"));
        keys.push(Key { name: path_name(path), sort: Sort::Path, file: Some(file), asks_also });
        let folders = std::iter::successors(path.rsplit_once('/'), |(folder, _)| folder.rsplit_once('/'));
        keys.extend(folders.map(|(folder, _)| Key {
            name: format!("d:{folder}"),
            sort: Sort::Folder,
            file: Some(file),
            asks_also: Some(format!("n:{folder}")),
        }));
        // The file as a new one of that name: only what is made under it asks for this.
        keys.push(Key { name: format!("n:{path}"), sort: Sort::Folder, file: Some(file), asks_also: None });
    }
    for package in &file.packages {
        let name = format!("k:{}", package.name);
        keys.push(Key { name, sort: Sort::Package, file: None, asks_also: None });
    }
    if let Some(claim) = &file.sequence {
        let name = format!("s:{} {}", claim.series, claim.number);
        keys.push(Key { name, sort: Sort::Series, file: None, asks_also: None });
    }
}
