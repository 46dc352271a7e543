//! The commands of the binary, one module each.

pub(crate) mod plan;
