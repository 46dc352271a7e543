//! The kinds of collision, one file each.

mod component;
mod lockfile;
mod overlap;
mod package;
mod pairing;
mod sequence;
mod textual;

pub use component::Component;
pub use lockfile::Lockfile;
pub use overlap::overlap;
pub use package::Package;
pub use pairing::{FilePair, file_pairs};
pub use sequence::Sequence;
pub use textual::Textual;
