//! A line that says how far long work is, on a terminal only.

use std::io::{IsTerminal, Write};

/// Shows nothing for work of fewer steps.
const WORTH_SHOWING: usize = 200;

/// How far the work is.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    of: usize,
    done: usize,
    shown: bool,
}

impl Progress {
    pub(super) fn new(what: &'static str, of: usize) -> Self {
        Self { what, of, done: 0, shown: of >= WORTH_SHOWING && std::io::stderr().is_terminal() }
    }

    /// One step further.
    pub(super) fn step(&mut self) {
        self.done += 1;
        if self.shown && (self.done == self.of || self.done.is_multiple_of(50)) {
            let line = format!("\r{}: {} of {}", self.what, self.done, self.of);
            self.write(&line);
        }
    }

    fn write(&self, text: &str) {
        // Progress that cannot be shown is not worth an error.
        std::io::stderr().write_all(text.as_bytes()).unwrap_or_default();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            self.write("\r\x1b[K");
        }
    }
}
