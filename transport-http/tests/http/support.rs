//! What the tests share.

use std::env;
use std::error::Error;
use std::future::Future;
use std::net::TcpListener;
use std::pin::pin;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::server::Server;
use openlineage_core::transport::Receipt;
use openlineage_transport_http::{HttpBuilder, HttpTransport};

/// Longer than anything that works takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// What a deadline may be overrun by on a busy machine.
pub(crate) const SLACK: Duration = Duration::from_millis(250);

/// A number in an event makes its bytes its own; the spaces show whether it was encoded again.
pub(crate) fn event(number: usize) -> EncodedEvent {
    event_of(number, 0)
}

/// The same with a text of this length in it.
pub(crate) fn event_of(number: usize, padding: usize) -> EncodedEvent {
    let padding: String = (0..padding).map(|n| char::from(b'a' + (n * n % 23) as u8)).collect();
    let json = format!(
        r#"{{ "eventType":  "START", "n": {number}, "padding": "{padding}",
        "run": {{"runId": "0198b9a1-0000-7000-8000-000000000001"}}, "job": {{"namespace": "n", "name": "j\u00e4"}} }} "#
    );
    EncodedEvent::from_json(json).unwrap()
}

/// The default number of repetitions with pauses of milliseconds.
pub(crate) fn quick() -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    policy.backoff_factor = Duration::from_millis(1);
    policy.jitter = false;
    policy
}

/// Repetitions without end: one at once, the others 200 ms apart. So within 300 ms there are three attempts, and the
/// third fails before the deadline cuts it off.
pub(crate) fn stubborn() -> RetryPolicy {
    let mut policy = quick();
    (policy.total, policy.connect, policy.read) = (None, None, None);
    policy.backoff_factor = Duration::from_millis(100);
    policy.backoff_max = Duration::from_millis(200);
    policy
}

pub(crate) fn to(server: &Server) -> HttpBuilder {
    HttpTransport::builder(server.url()).retry(quick())
}

pub(crate) fn emit(transport: &HttpTransport, event: &EncodedEvent) -> Result<Receipt, EmitError> {
    emit_within(transport, event, LIMIT)
}

pub(crate) fn emit_within(
    transport: &HttpTransport,
    event: &EncodedEvent,
    limit: Duration,
) -> Result<Receipt, EmitError> {
    Ok(blocking::deliver(transport, event.clone(), Deadline::after(limit))?.unwrap())
}

pub(crate) fn close(transport: &HttpTransport) {
    let report = blocking::close(transport, Deadline::after(LIMIT)).unwrap();
    assert_eq!(report.tally.pending(), 0);
}

/// The texts of an error and of everything below it.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        text = format!("{text}: {error}");
        below = error.source();
    }
    text
}

/// The address of a port where nobody listens.
pub(crate) fn refusing() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The plainest executor there is.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut future, mut context) = (pin!(future), Context::from_waker(&waker));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// Set in a process that runs one test alone.
const ALONE: &str = "OPENLINEAGE_TEST_ALONE";

/// Runs `check` in a process of its own, for tests that count what a process has or need another environment: the
/// test binary calls itself for this one test. Says whether this is the process that called.
pub(crate) fn alone(test: &str, variables: &[(&str, &str)], check: impl FnOnce()) -> bool {
    if env::var_os(ALONE).is_some() {
        check();
        return false;
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .envs(variables.iter().copied())
        .env(ALONE, "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}\n{complaints}");
    true
}

/// Two processes that count at once would slow each other down.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
