//! A process that has sent one event and does nothing more.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::{env, io};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use openlineage_core::blocking;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_transport_kafka::KafkaTransport;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use crate::contestant::kafka::{PATIENCE, bodies, properties};

/// Whose producer it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Whose {
    Ours,
    Bare,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Order {
    /// Where the broker is.
    #[arg(long)]
    broker: String,
    /// Whose producer.
    #[arg(long, value_enum)]
    whose: Whose,
}

/// Sends one event, says so, and does nothing until standard input closes.
pub(crate) fn be_still(order: &Order) -> Result<()> {
    let body = bodies()?.swap_remove(0);
    match order.whose {
        Whose::Ours => {
            let mut builder = KafkaTransport::builder("bench.idle");
            for (name, value) in properties(&order.broker) {
                builder = builder.config(name, value);
            }
            let transport = Arc::new(builder.build()?);
            blocking::deliver(&transport, EncodedEvent::from_json(body)?, Deadline::after(PATIENCE))?;
            wait()?;
            drop(transport);
        }
        Whose::Bare => {
            let config: ClientConfig =
                properties(&order.broker).map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
            let producer: BaseProducer = config.create()?;
            producer.send(BaseRecord::<(), [u8]>::to("bench.idle").payload(&body[..])).map_err(|(error, _)| error)?;
            producer.flush(PATIENCE)?;
            wait()?;
        }
    }
    Ok(())
}

fn wait() -> Result<()> {
    println!("sent");
    io::stdout().flush()?;
    let mut nothing = String::new();
    io::stdin().read_line(&mut nothing).context("cannot wait for the end")?;
    Ok(())
}

/// Such a process, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Still {
    child: Child,
    _stdin: Option<ChildStdin>,
}

impl Still {
    pub(super) fn start(broker: &str, whose: Whose) -> Result<Self> {
        let mut command = Command::new(env::current_exe().context("cannot find this program")?);
        let name = if whose == Whose::Ours { "ours" } else { "bare" };
        command.args(["still", "--broker", broker, "--whose", name]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start again")?;
        let stdout = child.stdout.take().context("the process has no standard output")?;
        let still = Self { _stdin: child.stdin.take(), child };
        let (tell, told) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            let _ = tell.send(read.map(|_| line));
        });
        let line = told.recv_timeout(PATIENCE)??;
        ensure!(line.trim_end() == "sent", "the process said `{}`", line.trim_end());
        Ok(still)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
