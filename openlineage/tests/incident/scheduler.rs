use std::fs;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openlineage::composite::TransportCache;
use openlineage::config::{ConfigValue, Environment, Loader, Source};
use openlineage::prelude::*;
use openlineage::transport::Ticket;
use openlineage::{builder, init};

/// What the process may grow by from the first batch of clients to the last: allocators keep what they had at most, and
/// a client that stayed would be 10 KiB or more.
const GROWTH_KIB: u64 = 4 * 1024;

/// Clients between two looks at the process.
const BATCH: usize = 1_000;

/// Builds clients and forgets them, looks at what the process has, and ends with the report of the guard.
pub(crate) fn run(transport: &str, clients: usize) {
    let logs = Logs::capture();
    let config = format!(r#"{{"transport": {transport}}}"#);
    let threads_before = threads().len();
    let guard = init(Duration::from_secs(20));
    let mut resident = Vec::new();
    for batch in 0..clients / BATCH {
        let tickets: Vec<_> = (0..BATCH).flat_map(|client| life(&config, batch * BATCH + client)).collect();
        // Looked at while the worker is busy, and once it has nothing left to do.
        let threads = threads();
        assert!(threads.len() <= threads_before + 1, "{threads:?}");
        tickets.into_iter().for_each(delivered);
        assert_eq!(TransportCache::process().len(), 3, "the composite and its legs");
        resident.push(resident_kib());
    }
    let growth = resident[resident.len() - 1].saturating_sub(resident[0]);
    assert!(growth <= GROWTH_KIB, "{resident:?}");
    drop(guard);
    assert!(TransportCache::process().is_empty());
    reported(&logs.lines(), 2 * clients);
}

/// One client: built from the configuration, used for one run, and forgotten.
fn life(config: &str, number: usize) -> Vec<Ticket> {
    let environment = Environment::default();
    let config = ConfigValue::from_json(config, &Source::Code).unwrap();
    let settings = Loader::new(environment.clone()).config(config).load().unwrap().settings;
    let client = builder().settings(settings).environment(environment).build().unwrap().blocking();
    let (run, job) = (RunId::new(), JobRef::new("incident", format!("dag.{number}")));
    let producer = Uri::from_static("https://example.com/scheduler");
    let start = RunEvent::start(run.clone(), job.clone()).build(&producer);
    let complete = RunEvent::complete(run, job).build(&producer);
    let acks = [client.emit(start).unwrap(), client.emit(complete).unwrap()];
    acks.into_iter().filter_map(|ack| if let Ack::Queued(ticket) = ack { Some(ticket) } else { None }).collect()
}

fn delivered(ticket: Ticket) {
    let (tell, told) = std::sync::mpsc::channel();
    ticket.observe(move |outcome| tell.send(outcome.is_ok()).unwrap());
    assert!(told.recv_timeout(Duration::from_secs(20)).unwrap());
}

/// The guard has closed the composite and both legs, and of each it says that all was delivered.
fn reported(lines: &[String], events: usize) {
    let all = format!("Tally {{ accepted: {events}, delivered: {events}, failed: 0, abandoned: 0, refused: 0 }}");
    for transport in ["composite", "http", "datadog"] {
        let is_it = |line: &&String| line.contains(&format!("transport={transport} ended=Drained tally={all}"));
        assert!(lines.iter().any(|line| is_it(&line)), "nothing of {transport} in {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.contains("WARN") || line.contains("ERROR")), "{lines:#?}");
}

fn threads() -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| fs::read_to_string(entry.unwrap().path().join("comm")).ok();
    fs::read_dir("/proc/self/task").unwrap().filter_map(name).collect()
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What the library logs in this process, at level DEBUG and above; what others log would be in the way of counting.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    fn capture() -> Self {
        let logs = Self::default();
        let writer = logs.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG);
        subscriber.with_writer(move || writer.clone()).init();
        logs
    }

    fn lines(&self) -> Vec<String> {
        String::from_utf8_lossy(&self.0.lock().unwrap()).lines().map(str::to_owned).collect()
    }
}

impl io::Write for Logs {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if String::from_utf8_lossy(line).contains(" openlineage") {
            self.0.lock().unwrap().extend_from_slice(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
