//! From nothing to a governing server: the set-up over HTTP against the simulated GitHub, and what `doctor` says about worlds that are
//! not as they should be.

mod doctor;
mod doors;
mod server;
mod walk;
mod world;
