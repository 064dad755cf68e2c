//! What keeps the resident memory near what is used.
use std::ffi::c_long;

/// The number of `mi_option_purge_delay` in mimalloc 3 (its `mimalloc.h`); the binding does not name it.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
/// Milliseconds after which memory that was freed goes back to the system, unless `MIMALLOC_PURGE_DELAY` says otherwise. The allocator's own second is too
/// long: with eight parts of a file coming in at the same time, most of the resident memory had been freed already.
const DELAY: c_long = 20;

/// Sets the process up; once, before there is much to hold.
pub(crate) fn keep_small() {
    // A huge page counts as a whole as soon as a byte of it is touched: with the heaps of many threads that is most of the resident memory.
    // Where the kernel does not take it, it costs memory and nothing else.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    #[expect(unsafe_code, reason = "a call of the allocator's interface; options may be set at any time")]
    // SAFETY: sets a number that the allocator reads; the option exists in the version that is linked.
    unsafe {
        libmimalloc_sys::mi_option_set_default(PURGE_DELAY, DELAY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(unsafe_code, reason = "a call of the allocator's interface")]
    fn delay() -> c_long {
        // SAFETY: reads a number.
        unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) }
    }

    #[test]
    fn the_number_is_that_of_the_delay() {
        assert_eq!(delay(), 1_000, "no other option starts with a second");
        keep_small();
        assert_eq!(delay(), DELAY);
    }
}
