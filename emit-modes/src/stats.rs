use openlineage_core::lifecycle::Stats;

/// One look at an [`Emitter`](crate::Emitter).
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EmitterStats {
    /// What became of the events: accepted = delivered + failed + abandoned + pending. `late` counts those that were
    /// delivered after their caller had been told otherwise. The one child is the transport, which may count an event
    /// differently: what timed out here may be delivered there.
    pub events: Stats,
    /// Threads at work now, those left behind included.
    pub threads: usize,
    /// Of those, the ones whose time is over.
    pub left_behind: usize,
    /// Calls that have been left behind since the beginning.
    pub timed_out: u64,
    /// Calls that were refused because every thread was left behind.
    pub saturated: u64,
}
