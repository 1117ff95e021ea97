//! Events that the server does not take are kept.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use openlineage_core::blocking;
use openlineage_core::config::{Registry, TransportSpec};
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::{Fresh, Transport, TransportSource};
use openlineage_core::undelivered::{Lost, Undelivered};
use openlineage_transport_http::{HttpFactory, HttpTransport};
use serde_json::json;

use crate::support::{LIMIT, SLACK, close, emit, emit_within, event, quick, refusing, to};

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<Lost>>);

impl Undelivered for Heard {
    fn undelivered(&self, lost: &[Lost]) {
        self.0.lock().unwrap().extend_from_slice(lost);
    }
}

fn configured(url: &str, file: &Path) -> Arc<dyn Transport> {
    let options = json!({ "type": "http", "url": url, "undelivered_file": file, "retry": { "backoff_factor": 0 } });
    let registry = Registry::empty().with("http", HttpFactory);
    Fresh.get(&TransportSpec::from_value(options).unwrap(), &registry).unwrap()
}

fn read(file: &Path) -> Vec<EncodedEvent> {
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| EncodedEvent::from_json(line.to_owned()).unwrap()).collect()
}

/// The events of these tests have a line break in them.
fn line(number: usize) -> Vec<u8> {
    event(number).to_ndjson().into_owned()
}

#[test]
fn the_file_of_the_option_gets_what_was_rejected_and_what_ran_out_of_attempts() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().unwrap());
    let path = folder.path().join("undelivered.ndjson");
    server.script([Answer::status(201), Answer::status(422), Answer::status(503), Answer::status(201)]);
    let transport = configured(&server.url(), &path);
    assert!(!path.exists());
    let outcomes: Vec<_> =
        (0..3).map(|n| blocking::deliver(&*transport, event(n), Deadline::after(LIMIT)).is_ok()).collect();
    assert_eq!(outcomes, [true, false, true]);
    server.always(Answer::status(503));
    assert!(blocking::deliver(&*transport, event(3), Deadline::after(LIMIT)).is_err());
    let report = blocking::close(&*transport, Deadline::after(LIMIT)).unwrap();
    assert_eq!((report.tally.delivered, report.tally.failed), (2, 2));
    let kept: Vec<_> = read(&path).iter().map(|event| event.bytes().to_vec()).collect();
    assert_eq!(kept, [line(1), line(3)]);
}

#[test]
fn what_a_server_leaves_unanswered_is_passed_at_the_end() {
    let (server, heard) = (Server::start().unwrap(), Arc::new(Heard::default()));
    server.always(Answer::hang());
    let transport = to(&server).undelivered(heard.clone()).build().unwrap();
    let failed = emit_within(&transport, &event(0), Duration::from_millis(100)).unwrap_err();
    assert_eq!(failed.kind(), &EmitErrorKind::Timeout);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| emit(&transport, &event(1)).unwrap_err());
        assert_eq!(server.wait_for(2, LIMIT).len(), 2);
        let (began, limit) = (Instant::now(), Duration::from_millis(50));
        let report = blocking::close(&transport, Deadline::after(limit)).unwrap();
        assert!(began.elapsed() < limit + Duration::from_millis(100) + SLACK);
        assert_eq!((report.tally.failed, report.tally.abandoned), (1, 1));
        assert_eq!(waiting.join().unwrap().kind(), &EmitErrorKind::Closed);
    });
    let heard = heard.0.lock().unwrap();
    let passed: Vec<_> = heard.iter().map(|lost| (lost.event.bytes(), lost.error.kind(), lost.error.sent())).collect();
    let (first, second) = (event(0), event(1));
    assert_eq!(
        passed,
        [(first.bytes(), &EmitErrorKind::Timeout, Sent::Maybe), (second.bytes(), &EmitErrorKind::Closed, Sent::Maybe)]
    );
}

#[test]
fn an_event_that_never_left_says_so() {
    let heard = Arc::new(Heard::default());
    let mut retry = quick();
    retry.total = Some(0);
    let builder = HttpTransport::builder(refusing()).retry(retry);
    let transport = builder.undelivered(heard.clone()).build().unwrap();
    assert!(emit(&transport, &event(0)).is_err());
    close(&transport);
    let heard = heard.0.lock().unwrap();
    assert_eq!(heard.iter().map(|lost| lost.error.sent()).collect::<Vec<_>>(), [Sent::No]);
}
