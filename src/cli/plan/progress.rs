//! A line that says how far long work is, on a terminal only.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Shows nothing for work of fewer steps.
const WORTH_SHOWING: usize = 200;

/// How far the work is.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    of: usize,
    done: AtomicUsize,
    shown: bool,
}

impl Progress {
    pub(super) fn new(what: &'static str, of: usize) -> Self {
        Self { what, of, done: AtomicUsize::new(0), shown: of >= WORTH_SHOWING && std::io::stderr().is_terminal() }
    }

    /// One step further, on any thread.
    pub(super) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown && (done == self.of || done.is_multiple_of(50)) {
            let line = format!("\r{}: {done} of {}", self.what, self.of);
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
