//! The parts every OpenLineage transport shares: the event model, the transport contract, its lifecycle, the one
//! worker and the one retry loop.
#![forbid(unsafe_code)]
