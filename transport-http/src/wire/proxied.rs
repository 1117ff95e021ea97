use std::sync::Arc;

use bytes::Bytes;
use openlineage_core::error::{BoxError, EmitErrorKind, Fault, Sent};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Proxy, Request, Response, redirect, retry};
use url::Url;

use super::names::{Known, Resolver};
use super::{IDLE, broken};

/// Through the proxy that the environment names, or past it where the list of exceptions says so: reqwest knows how.
pub(super) struct Proxied {
    client: Client,
    usual: Url,
}

impl Proxied {
    pub(super) fn new(
        url: &Url,
        proxy: &Proxy,
        tls: rustls::ClientConfig,
        known: &Arc<Known>,
    ) -> Result<Self, BoxError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .pool_idle_timeout(IDLE)
            .dns_resolver(Resolver::new(Arc::clone(known)))
            // Left alone, `build` would read the proxy variables now, in a forked child perhaps; the plan has them.
            .no_proxy()
            .proxy(proxy.clone())
            .build()?;
        Ok(Self { client, usual: url.clone() })
    }

    pub(super) async fn post(&self, moved: Option<&Url>, headers: HeaderMap, body: Bytes) -> Result<Response, Fault> {
        let mut request = Request::new(Method::POST, moved.unwrap_or(&self.usual).clone());
        *request.headers_mut() = headers;
        *request.body_mut() = Some(body.into());
        self.client.execute(request).await.map_err(|error| {
            if error.is_builder() {
                return Fault::new(EmitErrorKind::Encode).sent(Sent::No).because(error.without_url());
            }
            let sent = if error.is_connect() { Sent::No } else { Sent::Maybe };
            broken(sent, error.without_url())
        })
    }
}
