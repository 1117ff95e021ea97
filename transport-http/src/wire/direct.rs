use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use openlineage_core::error::{BoxError, EmitErrorKind, Fault, Sent};
use reqwest::header::HeaderMap;
use url::Url;

use super::names::{Known, Resolver};
use super::reply::Reply;
use super::sockets::{Counted, Sockets};
use super::{IDLE, broken};

/// Straight to the server, on the layer below reqwest: the same pool, connections and TLS, without what it puts on top
/// for features that are switched off here, and never more connections than requests.
pub(super) struct Direct {
    client: Client<Counted<HttpsConnector<HttpConnector<Resolver>>>, Full<Bytes>>,
    /// Where most events go, parsed once.
    usual: Uri,
    sockets: Sockets,
}

impl Direct {
    pub(super) fn new(url: &Url, tls: rustls::ClientConfig, known: &Arc<Known>) -> Result<Self, BoxError> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(Arc::clone(known)));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions().wrap_connector(tcp);
        let sockets = Sockets::default();
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .build(Counted::new(connector, &sockets));
        Ok(Self { client, usual: url.as_str().parse()?, sockets })
    }

    pub(super) async fn post(&self, moved: Option<&Url>, headers: HeaderMap, body: Bytes) -> Result<Reply, Fault> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = match moved {
            None => self.usual.clone(),
            Some(url) => url.as_str().parse().map_err(|error| Fault::new(EmitErrorKind::Encode).because(error))?,
        };
        *request.headers_mut() = headers;
        let requesting = self.sockets.request();
        let response = self.client.request(request).await.map_err(|error: Error| {
            let sent = if error.is_connect() { Sent::No } else { Sent::Maybe };
            broken(sent, error)
        })?;
        Ok(Reply::direct(response, requesting))
    }
}
