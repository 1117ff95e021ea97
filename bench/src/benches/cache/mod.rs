//! `cache`: clients of one configuration, which share a transport, and the legs of a composite.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use openlineage::config::{ConfigValue, Environment, Loader, Source};
use openlineage_core::client::Client;
use serde_json::{Value, json};

use super::Part;
use super::stage::{self, Stage};
use crate::report::Report;
use crate::setup::Setup;

pub(crate) use self::program::{Order, build};

mod forget;
mod hung;
mod keep;
mod legs;
mod program;
mod python;
mod sharing;

/// What is taken, in this order.
pub(super) const PARTS: [Part; 5] = [
    Part { name: "sharing", take: sharing::take },
    Part { name: "forget", take: forget::take },
    Part { name: "keep", take: keep::take },
    Part { name: "legs", take: legs::take },
    Part { name: "hung", take: hung::take },
];

/// Of an attempt, too: on a loaded machine none is to be repeated.
const PATIENCE: Duration = Duration::from_secs(60);

/// That a leg may have: fewer than there are runs at the same time, so that the limit is met and met soon.
const CONNECTIONS: usize = 20;

/// Runs the bench, pinned: where the scheduler puts client and sink says nothing about sharing.
pub(super) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    stage::take(&PARTS, setup, report)
}

/// A composite of two legs that queue every event; the released client understands it, too.
fn configuration(http: SocketAddr, datadog: SocketAddr) -> Value {
    let (timeout, most) = (PATIENCE.as_secs(), CONNECTIONS);
    let legs = json!({
        "http": {
            "type": "async_http", "url": format!("http://{http}"), "timeout": timeout, "max_concurrent_requests": most,
        },
        "datadog": {
            "type": "datadog", "apiKey": "key", "site": format!("http://{datadog}"), "timeout": timeout,
            "max_concurrent_requests": most, "async_transport_rules": { "*": { "*": true } },
        },
    });
    json!({ "transport": { "type": "composite", "transports": legs } })
}

fn as_config(value: &Value) -> ConfigValue {
    ConfigValue::from_value(value, &Source::argument("bench"))
}

/// A client as a program builds it that leaves everything else alone. Nothing of this machine is in its events: neither
/// its variables nor a repository.
fn client(config: &ConfigValue, environment: &Environment) -> Result<Client> {
    let loaded = Loader::new(environment.clone()).config(config.clone()).load()?;
    Ok(openlineage::builder().settings(loaded.settings).environment(environment.clone()).build()?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_has_a_name_of_its_own() {
        let mut names: Vec<&str> = sharing::FIGURES.iter().map(|reading| reading.figure).collect();
        names.extend(forget::FIGURES.iter().map(|reading| reading.figure));
        names.extend(python::FIGURES.iter().map(|reading| reading.figure));
        names.extend(keep::FIGURES.iter().map(|reading| reading.figure));
        names.extend(legs::FIGURES.iter().map(|row| row.figure));
        names.extend(hung::FIGURES.iter().map(|row| row.figure));
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn clients_of_one_configuration_share_two_legs() {
        let address: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        let config = as_config(&configuration(address, address));
        let clients = [(), ()].map(|()| client(&config, &Environment::default()).unwrap());
        assert_eq!(openlineage::composite::TransportCache::process().len(), 3);
        assert!(clients.iter().all(|client| client.stats().children.len() == 2));
    }
}
