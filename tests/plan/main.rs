//! `flyball plan` on repositories that are damaged, odd or hostile.
#![expect(clippy::expect_used, reason = "a test panics where it fails")]

mod changes;
mod damage;
mod dependencies;
mod packed;
mod repository;
mod scale;
