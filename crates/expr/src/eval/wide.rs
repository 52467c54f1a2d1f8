//! 「宽指令」 The same loop compiled twice: for any machine, and for one with wide
//! instructions, which is asked for when the program runs. No answer depends on it.

/// Runs a loop with the widest instructions this machine has. Mark the closure
/// `#[inline(always)]`, or it stays what any machine can do.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn wide<R>(work: impl FnOnce() -> R) -> R {
    use fearless_simd::{Level, Simd};
    match Level::new().as_avx2() {
        Some(avx2) => avx2.vectorize(work),
        None => work(),
    }
}

/// As above, where wide instructions are not asked for.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub fn wide<R>(work: impl FnOnce() -> R) -> R {
    work()
}
