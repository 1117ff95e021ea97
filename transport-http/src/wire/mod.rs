//! The HTTP client, and all that is known of it outside this folder: [`HttpWire::new`] and [`HttpWire::post`].

mod direct;
mod names;
mod proxied;
mod reply;
mod roots;
mod sockets;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openlineage_core::error::{BoxError, EmitErrorKind, Fault, Sent};
use reqwest::Proxy;
use reqwest::header::HeaderMap;
use url::Url;

use direct::Direct;
pub(crate) use names::Known;
use proxied::Proxied;
pub(crate) use reply::Reply;

use crate::answer::Shown;

/// A wake-up when the last idle connection is closed, and then silence. Never without end: a server or a firewall that
/// forgets connections silently would cost the next event.
const IDLE: Duration = Duration::from_secs(90);

/// What every request has in common, made once.
pub(crate) struct Plan {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) proxy: Option<Proxy>,
    /// Whether the server or the proxy is reached over TLS.
    pub(crate) tls: bool,
}

/// One client with one pool of connections.
pub struct HttpWire {
    client: Client,
    plan: Arc<Plan>,
}

enum Client {
    Direct(Box<Direct>),
    Proxied(Proxied),
}

impl HttpWire {
    /// Builds the client. Blocks for milliseconds where TLS is wanted.
    pub(crate) fn new(plan: Arc<Plan>, ca_file: Option<&Path>, known: &Arc<Known>) -> Result<Self, BoxError> {
        let roots = if plan.tls { roots::load(ca_file)? } else { Arc::new(rustls::RootCertStore::empty()) };
        let tls = |versions| roots::client(roots, versions);
        let client = match &plan.proxy {
            None => Client::Direct(Box::new(Direct::new(&plan.url, tls(&[])?, known)?)),
            Some(proxy) => Client::Proxied(Proxied::new(&plan.url, proxy, tls(roots::VERSIONS)?, known)?),
        };
        Ok(Self { client, plan })
    }

    /// Sends one event, to where a redirect `moved` it or else to the usual address, and waits for the head of the answer.
    pub(crate) async fn post(&self, moved: Option<&Url>, body: Bytes) -> Result<Reply, Fault> {
        let headers = self.plan.headers.clone();
        match &self.client {
            Client::Direct(client) => client.post(moved, headers, body).await,
            Client::Proxied(client) => client.post(moved, headers, body).await.map(Reply::proxied),
        }
    }
}

impl fmt::Debug for HttpWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpWire").field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// Shows where to and the names of headers, no values.
impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("url", &Shown(&self.url))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("proxy", &self.proxy.is_some())
            .field("tls", &self.tls)
            .finish()
    }
}

/// No connection, or one that broke.
fn broken(sent: Sent, error: impl Into<BoxError>) -> Fault {
    Fault::new(EmitErrorKind::Unreachable).sent(sent).because(error)
}
