//! Arguments in, exit code out.

use std::ffi::{c_int, c_long};
use std::process::ExitCode;

use libmimalloc_sys::mi_option_set;
use mimalloc::MiMalloc;

/// Pages of a list come and go with every request; this allocator neither asks the system for them
/// each time nor keeps them for good.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay` of `mimalloc.h`, which the bindings leave out.
const PURGE_DELAY: c_int = 15;
/// Milliseconds until free pages are the system's again: its own second keeps what a burst took
/// long after it, and its predecessor's 10 ms make long lists ask for the same pages again.
const SOON: c_long = 100;

fn main() -> ExitCode {
    give_back_soon();
    cloudfarm::cli::main()
}

#[expect(unsafe_code, reason = "the allocator has its options in C")]
fn give_back_soon() {
    // SAFETY: it stores a number, before there is another thread.
    unsafe { mi_option_set(PURGE_DELAY, SOON) };
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::mi_option_get;

    use super::{PURGE_DELAY, SOON, give_back_soon};

    /// The number of an option is its place in a list, and another version may have another list.
    #[test]
    #[expect(unsafe_code, reason = "the allocator has its options in C")]
    fn the_option_is_the_delay() {
        // SAFETY: it reads a number.
        let delay = || unsafe { mi_option_get(PURGE_DELAY) };
        assert_eq!(delay(), 1000, "the allocator's own");
        give_back_soon();
        assert_eq!(delay(), SOON);
    }
}
