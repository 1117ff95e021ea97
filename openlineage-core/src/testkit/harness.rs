use std::sync::Arc;
use std::time::Duration;

use super::sink::Sink;
use crate::queue::Limits;
use crate::retry::RetryPolicy;
use crate::runtime::Runtime;
use crate::transport::Transport;

/// What the author of a transport tells the kit: how to build one against a sink, and what it can do.
pub trait Harness: Send + Sync + 'static {
    /// The destination that the checks control.
    type Sink: Sink;

    /// A new sink, ready to receive. Made before anything is counted, so it may have threads and files of its own.
    fn sink(&self) -> Self::Sink;

    /// A new transport that delivers to `sink`. The kit drops every clone it makes of the result.
    fn transport(&self, sink: &Self::Sink, setup: Setup) -> Arc<dyn Transport>;

    /// What the transport and the sink can do. Checks that need more are not applicable.
    fn capabilities(&self) -> Capabilities;

    /// For a wrapper: itself round `inner`. Default: not a wrapper.
    fn wrap(&self, _inner: Arc<dyn Transport>) -> Option<Arc<dyn Transport>> {
        None
    }

    /// For what clients share: two shares of one transport. Default: not shared.
    fn sharers(&self, _sink: &Self::Sink, _setup: Setup) -> Option<[Arc<dyn Transport>; 2]> {
        None
    }
}

/// What a check wants of the transport it asks for.
#[non_exhaustive]
#[derive(Debug)]
pub struct Setup {
    /// Where to work; ignore it without the capability `takes_runtime`.
    pub runtime: Runtime,
    /// When to repeat; ignore it without the capability `retries`. Quick: three repetitions, pauses from 20 ms.
    pub retry: RetryPolicy,
    /// What its queue takes on; ignore it without the capability `queues`. Most checks leave the default.
    pub limits: Limits,
    /// To be put in every field that holds a secret; ignore it without the capability `holds_secret`.
    pub secret: String,
}

impl Default for Setup {
    fn default() -> Self {
        let retry = RetryPolicy {
            total: Some(3),
            backoff_factor: Duration::from_millis(10),
            jitter: false,
            ..RetryPolicy::default()
        };
        Self { runtime: Runtime::shared(), retry, limits: Limits::default(), secret: String::new() }
    }
}

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// What a transport, and the sink it is checked against, can do. A new value says: nothing but emit and close.
        #[derive(Clone, Copy, Debug)]
        pub struct Capabilities {
            $(pub(super) $name: bool,)+
            pub(super) own_threads: usize,
            pub(super) foreign: Option<&'static str>,
        }

        impl Capabilities {
            /// None of them, and the one thread of the worker.
            #[must_use]
            pub const fn new() -> Self {
                Self { $($name: false,)+ own_threads: 1, foreign: None }
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $name(mut self) -> Self {
                    self.$name = true;
                    self
                }
            )+

            /// So many threads serve any number of these transports together. Default 1: the worker.
            #[must_use]
            pub const fn own_threads(mut self, threads: usize) -> Self {
                self.own_threads = threads;
                self
            }

            /// Threads whose name begins like this are those of a library below the transport, which decides by itself
            /// when they wake. They are not counted where threads share, and nothing is asked of them where all is idle;
            /// starting and ending them is the transport's affair all the same.
            #[must_use]
            pub const fn foreign_threads(mut self, prefix: &'static str) -> Self {
                self.foreign = Some(prefix);
                self
            }
        }
    };
}

capabilities! {
    /// The sink answers each event, can hold it back and can refuse it. Most checks need this.
    answers,
    /// `emit` resolves with the destination's answer; without it, with a ticket.
    confirms_each,
    /// Accepted events stand in a queue, which keeps the limits in [`Setup`]. With `confirms_each`: callers wait at its
    /// other end.
    queues,
    /// An event goes out when the events of its run that were offered before it are settled.
    orders_by_run,
    /// Failed attempts are repeated by the policy in [`Setup`].
    retries,
    /// A library below the transport repeats what fails for now, by rules of its own.
    retries_below,
    /// A pause that the destination asks for is kept.
    honours_retry_after,
    /// The sink counts starts and can fail one.
    can_fail_start,
    /// The sink can make the transport's own code panic.
    can_panic,
    /// The transport works on the runtime in [`Setup`].
    takes_runtime,
    /// The transport has a secret, taken from [`Setup`].
    holds_secret,
    /// It is a share of a transport that outlives it: closing or dropping it releases and loses nothing.
    outlived,
    /// A forked child can use it, and the sink sees from the parent what the child sends.
    survives_fork,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::new()
    }
}
