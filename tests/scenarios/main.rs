//! Stories of pull requests: the real app against a stateful GitHub over HTTP. What is asserted is what people see.

mod budget;
mod story;
mod trouble;
mod world;
