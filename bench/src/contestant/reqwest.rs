//! Bare reqwest: a body of serde_json, one POST, its status.

use std::net::SocketAddr;

use ::reqwest::header::CONTENT_TYPE;
use ::reqwest::{Client, Url};
use anyhow::{Context as _, Result};
use rustls::{ClientConfig, RootCertStore};

use super::tasks::{Caller, Place, Tasks};
use crate::events::Event;

/// Bare reqwest posting to `address`.
pub(crate) fn contestant(address: SocketAddr) -> Result<Tasks<Bare>> {
    let client = client()?;
    let url = Url::parse(&format!("http://{address}/api/v1/lineage"))?;
    Tasks::new(move |number| Ok(Bare { client: client.clone(), url: url.clone(), pair: Event::pair(number) }))
}

/// One caller.
#[derive(Debug)]
pub(crate) struct Bare {
    client: Client,
    url: Url,
    pair: [Event; 2],
}

impl Caller for Bare {
    async fn emit(&mut self, place: Place) -> Result<()> {
        let body = serde_json::to_vec(&self.pair[place as usize])?;
        let request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json").body(body);
        request.send().await?.error_for_status()?;
        Ok(())
    }
}

/// The defaults, but for a proxy of the environment, and TLS without roots: reqwest is built without a provider of
/// its own, and no https happens here.
fn client() -> Result<Client> {
    let provider = rustls::crypto::ring::default_provider().into();
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).no_proxy().build().context("cannot build a reqwest client")
}
