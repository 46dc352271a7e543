//! The `flyball` command.

mod cli;

use std::process::ExitCode;

/// Large buffers come and go with every request and every text that is compared: this one keeps their memory for the next.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
