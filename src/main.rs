//! Arguments in, exit code out.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Pages of a list come and go with every request; this allocator neither asks the system for them
/// each time nor keeps them for good.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cloudfarm::memory::give_back_soon();
    cloudfarm::cli::main()
}
