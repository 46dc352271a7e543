//! What is counted from which entries, what a window is, and that the parts of a window are the window.

mod documented;
mod learning;
mod properties;
mod windows;
