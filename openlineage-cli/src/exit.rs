//! Exit codes by meaning.

/// Some events were not delivered, some input was no event, or a destination was not reached.
pub(crate) const UNDELIVERED: u8 = 1;
/// Wrong arguments or configuration; nothing was done. The same number that clap uses.
pub(crate) const USAGE: u8 = 2;
/// The command to run is there but cannot be executed, as shells say it.
pub(crate) const NOT_EXECUTABLE: u8 = 126;
/// The command to run was not found, as shells say it.
pub(crate) const NOT_FOUND: u8 = 127;

/// What shells answer for a command that a signal ended.
pub(crate) fn signalled(signal: i32) -> u8 {
    u8::try_from(signal).map_or(u8::MAX, |signal| signal.saturating_add(128))
}
