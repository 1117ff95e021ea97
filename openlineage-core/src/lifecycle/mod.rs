//! The life of a transport in plain types: its states, its deadlines, its counts and its reports.

mod deadline;
mod gate;
mod ledger;
mod report;
mod state;
mod tally;

pub use deadline::Deadline;
pub use gate::{Closing, Gate, Permit};
pub use report::{CloseReport, Ended, FlushReport};
pub use state::State;
pub use tally::{Circuit, Fate, Stats, Tally};
