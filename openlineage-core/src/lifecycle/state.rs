/// Where a transport is in its life.
///
/// Within one process a state is never followed by an earlier one. A forked child starts again at `New` with empty
/// counts: what its parent had accepted is the parent's to deliver.
#[expect(clippy::exhaustive_enums, reason = "these four are the whole contract")]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum State {
    /// Configured; nothing has been started.
    New,
    /// Has accepted at least one event.
    Active,
    /// Refuses events and is settling what it accepted.
    Closing,
    /// Holds nothing. Final.
    Closed,
}
