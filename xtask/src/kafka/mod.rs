//! One real Apache Kafka broker on the loopback, for tests and benches: KRaft, broker and controller in one process.
//!
//! It comes as jars through Maven and runs on Java 17 or later. Everything of it is kept below the target folder, in a
//! folder for each port: settings, data, logs and the process's id.

mod broker;
mod jars;
mod process;
mod properties;
mod tls;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};

use crate::facts::Workspace;
use broker::Broker;
pub(crate) use properties::Listeners;
use properties::two_ports;

/// What the broker's clients log in with.
pub(crate) const USER: &str = "lineage";
pub(crate) const PASSWORD: &str = "lineage-secret";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Start the broker, or find it running, and print where it is
    #[command(after_help = "Examples:\n  cargo xtask kafka up\n  \
        cargo xtask kafka up --sasl-port 19094 --tls-port 19095\n\n\
        Clients log in at the SASL port with PLAIN, user lineage, password lineage-secret, or with\n\
        OAUTHBEARER and a token that nobody has signed.\n\
        The certificate to trust at the TLS port is target/kafka/PORT/tls/ca.pem.\n\
        A topic is made when it is first used.")]
    Up {
        /// Where it listens without TLS and without asking who is there; the port above it is the controller's
        #[arg(long, default_value_t = PORT)]
        port: u16,
        /// Listen there, too, for clients that log in
        #[arg(long, value_name = "PORT")]
        sasl_port: Option<u16>,
        /// Listen there, too, with TLS
        #[arg(long, value_name = "PORT")]
        tls_port: Option<u16>,
        /// Listen at the first port and tell clients to come back at the second, for a proxy between the two
        #[arg(long, value_name = "PORT:PORT", value_parser = two_ports)]
        proxy: Option<(u16, u16)>,
    },
    /// Stop the broker and remove what it has stored
    #[command(after_help = "Examples:\n  cargo xtask kafka down\n  cargo xtask kafka down --keep")]
    Down {
        /// The port that it was started with
        #[arg(long, default_value_t = PORT)]
        port: u16,
        /// Keep the topics for the next start
        #[arg(long)]
        keep: bool,
    },
    /// Disturb the broker, to see what a client does then
    #[command(after_help = "Examples:\n  cargo xtask kafka fault freeze\n  cargo xtask kafka fault thaw\n  \
        cargo xtask kafka fault crash --port 19192")]
    Fault {
        /// What befalls it
        #[arg(value_enum)]
        fault: Fault,
        /// The port that it was started with
        #[arg(long, default_value_t = PORT)]
        port: u16,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Fault {
    /// End it at once; `up` starts it again with the same data
    Kill,
    /// Shut it down and start it again
    Restart,
    /// End it at once and start it again
    Crash,
    /// Stop the process: connections stay open and nothing answers
    Freeze,
    /// Let it go on
    Thaw,
    /// Say whether it runs; exit code 1 if it does not
    Status,
}

/// Where the broker listens unless told otherwise.
const PORT: u16 = 19092;

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::load_members()?;
    match args.what {
        What::Up { port, sasl_port, tls_port, proxy } => {
            let broker = Broker::at(&workspace.target, port);
            println!("{}", broker.up(Some(Listeners { port, sasl_port, tls_port, proxy }))?);
        }
        What::Down { port, keep } => Broker::at(&workspace.target, port).down(keep)?,
        What::Fault { fault, port } => return inflict(&Broker::at(&workspace.target, port), fault),
    }
    Ok(ExitCode::SUCCESS)
}

fn inflict(broker: &Broker, fault: Fault) -> Result<ExitCode> {
    match fault {
        Fault::Kill => broker.kill()?,
        Fault::Restart => {
            broker.down(true)?;
            println!("{}", broker.up(None)?);
        }
        Fault::Crash => {
            broker.kill()?;
            println!("{}", broker.up(None)?);
        }
        Fault::Freeze => broker.freeze()?,
        Fault::Thaw => broker.thaw()?,
        Fault::Status => match broker.status() {
            Some(status) => println!("{status}"),
            None => {
                println!("no broker runs on port {}", broker.port());
                return Ok(ExitCode::FAILURE);
            }
        },
    }
    Ok(ExitCode::SUCCESS)
}

/// A broker for as long as this value lives, on ports that were free.
#[derive(Debug)]
pub(crate) struct Session {
    broker: Broker,
    listeners: Listeners,
}

impl Session {
    /// What is missing for a broker on this machine, if anything is.
    pub(crate) fn missing() -> Option<String> {
        let lacks = |name: &&str| !jars::is_there(name);
        let missing: Vec<_> = ["java", "mvn", "keytool"].into_iter().filter(|name| lacks(name)).collect();
        (!missing.is_empty()).then(|| format!("{} not found, install Java 17 and Maven", missing.join(" and ")))
    }

    /// Starts one with every kind of listener.
    pub(crate) fn start(target: &Path) -> Result<Self> {
        let [port, sasl, tls] = free_ports()?;
        let listeners = Listeners { port, sasl_port: Some(sasl), tls_port: Some(tls), proxy: None };
        let broker = Broker::at(target, port);
        broker.up(Some(listeners))?;
        Ok(Self { broker, listeners })
    }

    pub(crate) fn listeners(&self) -> Listeners {
        self.listeners
    }

    /// The broker's process.
    pub(crate) fn process(&self) -> Option<i32> {
        self.broker.process()
    }

    /// The certificate that signed the broker's.
    pub(crate) fn ca(&self) -> PathBuf {
        self.broker.ca()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Err(error) = self.broker.down(false) {
            println!("the Kafka broker on port {} could not be stopped: {error:#}", self.broker.port());
        }
    }
}

/// Ports of which the one above the first is free, too, because it is the controller's.
fn free_ports() -> Result<[u16; 3]> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    for _ in 0..64 {
        let first = bind(0).context("no free port")?;
        let port = first.local_addr()?.port();
        let Some(above) = port.checked_add(1) else { continue };
        if let (Ok(_above), Ok(sasl), Ok(tls)) = (bind(above), bind(0), bind(0)) {
            return Ok([port, sasl.local_addr()?.port(), tls.local_addr()?.port()]);
        }
    }
    bail!("no two free ports side by side")
}
