//! OpenLineage events over HTTP: one POST an event, answered before `emit` returns ([`HttpTransport`]) or queued
//! ([`AsyncHttpTransport`]).
//!
//! ```
//! use openlineage_transport_http::HttpTransport;
//!
//! let transport = HttpTransport::builder("https://lineage.example").api_key("s3cret").build()?;
//! # Ok::<_, openlineage_core::config::ConfigError>(())
//! ```
//!
//! # What an answer means
//!
//! | answer | outcome |
//! | --- | --- |
//! | 2xx | delivered |
//! | 307, 308 to the same origin | followed with body and credentials, at most 5 times |
//! | any other 3xx | [`Rejected`], permanent; the cause names the target |
//! | 401, 403 | [`Unauthorized`] |
//! | 429; 413 and 503 with `Retry-After` | [`Throttled`], repeated after the pause |
//! | 408, 425 and the `status_forcelist` (500, 502, 503, 504) | [`Unavailable`], repeated |
//! | any other 5xx | [`Unavailable`], permanent |
//! | any other 4xx | [`Rejected`], permanent; the cause holds up to 512 bytes of the answer |
//! | no connection, or a broken one | [`Unreachable`], repeated |
//!
//! 304 and followed redirects that turn the POST into a GET count as success in other clients; there the event is lost.
//!
//! # The environment
//!
//! `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are read when the transport is built. `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` are read by the first `https` transport that starts, once per process.
//!
//! [`Rejected`]: openlineage_core::error::EmitErrorKind::Rejected
//! [`Throttled`]: openlineage_core::error::EmitErrorKind::Throttled
//! [`Unauthorized`]: openlineage_core::error::EmitErrorKind::Unauthorized
//! [`Unavailable`]: openlineage_core::error::EmitErrorKind::Unavailable
//! [`Unreachable`]: openlineage_core::error::EmitErrorKind::Unreachable
#![forbid(unsafe_code)]

mod answer;
mod async_transport;
mod config;
mod deliver;
mod secret;
mod transport;
mod wire;

pub use async_transport::AsyncHttpTransport;
pub use config::{AsyncHttpFactory, Compression, HttpBuilder, HttpFactory};
pub use deliver::HttpDeliver;
pub use transport::HttpTransport;
