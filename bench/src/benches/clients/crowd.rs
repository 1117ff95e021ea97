//! A process with many clients of ours, which says what it has done and waits to be told to go on.

use std::env;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use openlineage_core::client::Client;
use openlineage_core::transport::Ack;
use openlineage_transport_datadog::{DatadogTransport, Rules};

use crate::events::typed;

/// Of an attempt too: on a loaded machine none is to be repeated.
const PATIENCE: Duration = Duration::from_secs(60);
/// Events handed over before the first reply is waited for. No more than a server takes in at one go.
const WAVE: usize = 100;

/// How many, and where they send to.
#[derive(Debug, Args)]
pub(crate) struct Order {
    #[arg(long)]
    address: SocketAddr,
    #[arg(long)]
    clients: usize,
}

impl Order {
    /// The command line that says so.
    pub(super) fn arguments(address: SocketAddr, clients: usize) -> [String; 3] {
        ["crowd".to_owned(), format!("--address={address}"), format!("--clients={clients}")]
    }
}

/// Builds the clients; at the first line of standard input lets each emit an event and waits for all replies; at its end
/// closes them.
pub(crate) fn gather(order: &Order) -> Result<()> {
    // No repository is around there, whose description would make the events longer.
    env::set_current_dir("/").context("cannot leave this folder")?;
    let mut cues = io::stdin().lines();
    tell("ours")?;
    let clients: Vec<Client> = (0..order.clients).map(|_| client(order.address)).collect::<Result<_>>()?;
    tell("built")?;
    if cues.next().is_some() {
        emit(&clients)?;
        tell("emitted")?;
        cues.next();
    }
    for client in clients {
        let report = client.blocking().close_within(PATIENCE)?;
        ensure!(report.is_clean(), "not every event was delivered: {report:?}");
    }
    Ok(())
}

/// As a program builds one that has its settings in its own code: nothing is shared.
fn client(address: SocketAddr) -> Result<Client> {
    let transport = DatadogTransport::builder("key").site(format!("http://{address}")).rules(Rules::all());
    Ok(Client::builder().transport(Arc::new(transport.timeout(PATIENCE).build()?)).build()?)
}

fn emit(clients: &[Client]) -> Result<()> {
    for (number, wave) in clients.chunks(WAVE).enumerate() {
        for (place, client) in wave.iter().enumerate() {
            let [start, _] = typed::pair(number * WAVE + place)?;
            let ack = client.blocking().emit(start)?;
            ensure!(matches!(ack, Ack::Queued(_)), "an event was not queued");
        }
        for client in wave {
            ensure!(client.blocking().flush_within(PATIENCE)?.settled, "not every event was settled");
            ensure!(client.stats().tally.delivered == 1, "an event was not delivered: {:?}", client.stats());
        }
    }
    Ok(())
}

fn tell(what: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{what}")?;
    Ok(stdout.flush()?)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Internal};

    #[test]
    fn an_order_arrives_as_it_was_given() {
        let address: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        let words = ["openlineage-bench".to_owned()].into_iter().chain(Order::arguments(address, 7));
        let Some(Internal::Crowd(told)) = Cli::try_parse_from(words).unwrap().internal else { panic!("no order") };
        assert_eq!((told.address, told.clients), (address, 7));
    }
}
