//! OpenLineage events to Datadog's intake: one pool of connections, one queue, and two routes through it.
//!
//! ```
//! use openlineage_transport_datadog::DatadogTransport;
//!
//! let transport = DatadogTransport::builder("s3cret").site("datadoghq.eu").build()?;
//! # Ok::<_, openlineage_core::config::ConfigError>(())
//! ```
//!
//! # Routes
//!
//! An event takes one of two routes, by the facet `jobType` of its job and the [`Rules`]:
//!
//! | route | `emit` answers | when |
//! | --- | --- | --- |
//! | queued | [`Ack::Queued`] | the event has room in the queue |
//! | confirmed | [`Ack::Delivered`] | the intake has answered |
//!
//! Without time to wait, as in [`Client::submit`], there is no answer to hear: such an event is queued whatever the rules
//! say, or refused at once.
//!
//! A caller without any time, such as [`Client::submit`], cannot hear of an answer: its events are queued, whatever the
//! rules say.
//!
//! Both lead through the same lanes, so events of a run arrive in the order in which they were handed over, whichever
//! route each of them takes: a COMPLETE that is confirmed waits for its START that is queued. In the Python client the
//! two routes are two clients that do not know of each other.
//!
//! # What it sends
//!
//! A POST an event to `api/v1/lineage` of the [site](DatadogBuilder::site), with `Content-Encoding: gzip` and
//! `Authorization: Bearer`. Events wait compressed. What an answer means stands in the
//! [crate for HTTP](openlineage_transport_http), what waits for what in [`queue`](openlineage_core::queue).
//!
//! Building one starts nothing: no thread, no task, no connection, whichever route its events will take.
//!
//! [`Client::submit`]: openlineage_core::client::Client::submit
//! [`Client::submit`]: openlineage_core::client::Client::submit
//! [`Ack::Queued`]: openlineage_core::transport::Ack::Queued
//! [`Ack::Delivered`]: openlineage_core::transport::Ack::Delivered
#![forbid(unsafe_code)]

mod builder;
mod factory;
mod rules;
mod site;
mod transport;

pub use builder::DatadogBuilder;
pub use factory::DatadogFactory;
pub use rules::Rules;
pub use transport::DatadogTransport;
