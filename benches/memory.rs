//! What an open unit weighs in the index, from 100 to 100,000 of them: allocated bytes, footprints included. `cargo bench --bench memory`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use peak_alloc::PeakAlloc;
use units::{SIZES, footprints, index_of};

#[path = "support/units.rs"]
mod units;

/// Counts what is allocated: the index and not the process.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    for count in SIZES {
        let all = footprints(count);
        let before = MEMORY.current_usage();
        let index = index_of(&all);
        let bytes = MEMORY.current_usage().saturating_sub(before) / all.len();
        println!("{count} units: {bytes} allocated bytes per unit, footprints included");
        drop(index);
    }
}
