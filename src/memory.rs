//! What the allocator keeps of what was freed, and for how long. It is the program's, which names it;
//! here is what it is told.

use std::ffi::{c_int, c_long};
use std::time::Duration;

use libmimalloc_sys::{mi_collect, mi_option_set};

/// `mi_option_purge_delay` of `mimalloc.h`, which the bindings leave out.
const PURGE_DELAY: c_int = 15;

/// Milliseconds until free pages are the system's again: its own second keeps what a burst took
/// long after it, and its predecessor's 10 ms make long lists ask for the same pages again.
const SOON: c_long = 100;

/// How often a thread that has answered requests looks what it can give back.
const OFTEN: Duration = Duration::from_secs(1);

/// Makes the allocator give back free pages soon. To be called before there is another thread.
#[expect(unsafe_code, reason = "the allocator has its options in C")]
pub fn give_back_soon() {
    // SAFETY: it stores a number.
    unsafe { mi_option_set(PURGE_DELAY, SOON) };
}

/// Gives back, as long as the thread lasts, what it does not need any more: by itself a thread does
/// so only while it allocates, and keeps what a burst took for as long as it is idle.
pub(crate) async fn keep_giving_back() {
    loop {
        tokio::time::sleep(OFTEN).await;
        collect();
    }
}

#[expect(unsafe_code, reason = "the allocator is in C")]
fn collect() {
    // SAFETY: it looks through the heap of the thread that calls it.
    unsafe { mi_collect(true) };
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
