//! What people read, made from the brief and nothing else: check run, sticky comment, replies.
pub mod text;
