//! The parts every OpenLineage transport shares: the event model, the transport contract, its lifecycle, the one
//! worker and the one retry loop.
#![forbid(unsafe_code)]

pub mod event;
pub mod facets;
pub mod model;
