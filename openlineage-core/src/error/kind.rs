use std::time::Duration;

/// Can the same event be sent again with a chance of success?
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Disposition {
    /// Was transient, was retried, still failed: an outer layer should not retry at once.
    Exhausted,
    /// The same event will be refused again.
    Permanent,
    /// Try again, not before `after` if the destination named a pause.
    Transient {
        /// Pause the destination asked for, counted from its answer.
        after: Option<Duration>,
    },
}

/// Why an event was refused, failed or was abandoned.
///
/// `code` is whatever number the destination speaks: an HTTP status, a Kafka error code, an errno.
///
/// | kind | disposition unless a [`Fault`](crate::error::Fault) says otherwise |
/// | --- | --- |
/// | `CircuitOpen`, `Displaced`, `QueueFull`, `Saturated`, `Start`, `Timeout`, `Unavailable`, `Unreachable`, `WorkerLost` | transient |
/// | `Throttled` | transient, after the pause the destination asked for |
/// | `Closed`, `Encode`, `Expired`, `Faulted`, `Quarantined`, `Rejected`, `TooLarge`, `Unauthorized`, `WouldDeadlock` | permanent |
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EmitErrorKind {
    /// A circuit breaker keeps events away from a failing destination.
    #[error("circuit is open")]
    CircuitOpen,
    /// The transport was closed, or its closing ran out of time before this event was settled.
    #[error("transport is closed")]
    Closed,
    /// A full queue dropped this event to make room for a newer one.
    #[error("displaced from a full queue by a newer event")]
    Displaced,
    /// The event could not be written as JSON.
    #[error("event could not be encoded")]
    Encode,
    /// The event grew older than `max_age` before it could be delivered.
    #[error("event expired before it could be delivered")]
    Expired,
    /// Code of the transport panicked over this event.
    #[error("transport panicked while it handled the event")]
    Faulted,
    /// The event took down a worker before and is kept from doing so again.
    #[error("event is quarantined")]
    Quarantined,
    /// No room, and none came free in time.
    #[error("queue is full ({capacity} events)")]
    QueueFull {
        /// The bound that was hit, in events.
        capacity: usize,
    },
    /// The destination understood and said no.
    #[error("destination rejected the event ({code})")]
    Rejected {
        /// What it answered.
        code: i32,
    },
    /// Too much abandoned work is still running to start more.
    #[error("too many emissions are still running")]
    Saturated,
    /// The transport could not be started; it stays New and a later event may start it.
    #[error("transport could not be started")]
    Start,
    /// The destination asked for a pause.
    #[error("destination asked to slow down")]
    Throttled {
        /// How long, if it said so.
        retry_after: Option<Duration>,
    },
    /// No answer within the caller's deadline or the attempt's time limit.
    #[error("no answer in time")]
    Timeout,
    /// The event is larger than the transport will carry.
    #[error("event of {bytes} bytes is larger than the limit of {limit}")]
    TooLarge {
        /// Size of the event, in bytes of JSON.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The destination did not accept the credentials.
    #[error("credentials were refused ({code})")]
    Unauthorized {
        /// What it answered.
        code: i32,
    },
    /// The destination answered that it cannot serve now.
    #[error("destination is failing ({code})")]
    Unavailable {
        /// What it answered.
        code: i32,
    },
    /// No connection, or the connection broke.
    #[error("destination could not be reached")]
    Unreachable,
    /// The runtime that carried the transport has ended.
    #[error("worker has ended")]
    WorkerLost,
    /// The calling thread drives the very runtime this call would wait for.
    #[error("calling this here would wait for itself")]
    WouldDeadlock,
}

impl EmitErrorKind {
    /// The disposition in the table above.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::CircuitOpen
            | Self::Displaced
            | Self::QueueFull { .. }
            | Self::Saturated
            | Self::Start
            | Self::Timeout
            | Self::Unavailable { .. }
            | Self::Unreachable
            | Self::WorkerLost => Disposition::Transient { after: None },
            Self::Throttled { retry_after } => Disposition::Transient { after: *retry_after },
            Self::Closed
            | Self::Encode
            | Self::Expired
            | Self::Faulted
            | Self::Quarantined
            | Self::Rejected { .. }
            | Self::TooLarge { .. }
            | Self::Unauthorized { .. }
            | Self::WouldDeadlock => Disposition::Permanent,
        }
    }
}
