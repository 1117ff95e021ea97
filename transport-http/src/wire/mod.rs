//! The HTTP client, and all that is known of it outside this folder: [`HttpWire::new`] and [`HttpWire::post`].

mod names;
mod roots;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openlineage_core::error::{BoxError, EmitErrorKind, Fault, Sent};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Proxy, Request, Response, redirect, retry};
use url::Url;

pub(crate) use names::Known;
use names::Resolver;

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
pub(crate) struct HttpWire {
    client: Client,
    plan: Arc<Plan>,
}

impl HttpWire {
    /// Builds the client. Blocks for milliseconds where TLS is wanted.
    pub(crate) fn new(plan: Arc<Plan>, ca_file: Option<&Path>, known: &Arc<Known>) -> Result<Self, BoxError> {
        let roots = if plan.tls { roots::load(ca_file)? } else { Arc::new(rustls::RootCertStore::empty()) };
        let builder = Client::builder()
            .tls_backend_preconfigured(roots::client(roots)?)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .pool_idle_timeout(IDLE)
            .dns_resolver(Resolver::new(Arc::clone(known)))
            // Left alone, `build` would read the proxy variables now, in a forked child perhaps; the plan has them.
            .no_proxy();
        let client = match &plan.proxy {
            Some(proxy) => builder.proxy(proxy.clone()).build()?,
            None => builder.build()?,
        };
        Ok(Self { client, plan })
    }

    /// Sends one event and waits for the head of the answer.
    pub(crate) async fn post(&self, url: &Url, body: Bytes) -> Result<Response, Fault> {
        let mut request = Request::new(Method::POST, url.clone());
        *request.headers_mut() = self.plan.headers.clone();
        *request.body_mut() = Some(body.into());
        self.client.execute(request).await.map_err(broken)
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

fn broken(error: reqwest::Error) -> Fault {
    let (kind, sent) = match &error {
        error if error.is_builder() => (EmitErrorKind::Encode, Sent::No),
        error if error.is_connect() => (EmitErrorKind::Unreachable, Sent::No),
        _ => (EmitErrorKind::Unreachable, Sent::Maybe),
    };
    Fault::new(kind).sent(sent).because(error.without_url())
}
