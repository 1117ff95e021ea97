//! What holds in every mode.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::builtin::{Memory, Noop};
use openlineage_core::client::Client;
use openlineage_core::config::{Environment, Settings};
use openlineage_core::error::{EmitError, EmitErrorKind, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, Ended, Fate, FlushReport, State, Stats, Tally};
use openlineage_core::model::{JobRef, RunEvent, RunId, Uri};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::{Ack, Receipt, Transport, TransportInfo};
use openlineage_emit_modes::{Emitter, Mode};

use crate::case::{LONG, SHORT, SLACK, assert_fates, client, event, modes, over, over_with, timed};

/// The numbers of the events of each run, in the order in which they have arrived.
fn arrived(sink: &ScriptedSink) -> HashMap<String, Vec<u64>> {
    let mut runs: HashMap<String, Vec<u64>> = HashMap::new();
    for attempt in sink.log().arrived() {
        let event = EncodedEvent::from_json(attempt.body.clone()).unwrap();
        let text = String::from_utf8(attempt.body.to_vec()).unwrap();
        let number = text.rsplit_once("\"n\":").unwrap().1.trim_end_matches('}').parse().unwrap();
        runs.entry(event.run_id().unwrap().into_owned()).or_default().push(number);
    }
    runs
}

#[test]
fn a_thousand_events_arrive_once_and_in_the_order_of_their_runs() {
    const RUNS: usize = 50;
    const EACH: usize = 20;
    for mode in modes(LONG) {
        let sink = ScriptedSink::new();
        let emitter = over(&sink, mode);
        std::thread::scope(|scope| {
            for caller in 0..4 {
                let emitter = &emitter;
                scope.spawn(move || {
                    for number in 0..EACH {
                        for run in (caller..RUNS).step_by(4) {
                            let _ticket = emitter.submit(event(run, number)).unwrap();
                        }
                    }
                });
            }
        });
        assert_fates(&emitter, [1_000, 1_000, 0, 0]);
        let runs = arrived(&sink);
        assert_eq!(runs.len(), RUNS);
        assert!(runs.values().all(|numbers| numbers.iter().copied().eq(0..EACH as u64)), "{:?}", emitter.mode());
    }
}

#[test]
fn emit_means_delivered_in_every_form() {
    for mode in modes(LONG) {
        let sink = ScriptedSink::new();
        let emitter = over(&sink, mode);
        assert_eq!(emitter.state(), State::New);
        assert_eq!(emitter.emit(event(1, 0)).unwrap().unwrap().attempts, 1);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(emitter.emit_async(event(1, 1))).unwrap().unwrap().attempts, 1);
        let scoped = emitter.run(|scope| scope.emit(event(1, 99)).unwrap().unwrap().attempts);
        assert_eq!((scoped.unwrap(), emitter.state()), (1, State::Active));
        assert_eq!(sink.log().arrived().count(), 3);
        assert_fates(&emitter, [3, 3, 0, 0]);
        assert_eq!(emitter.state(), State::Closed);
        assert_eq!(*emitter.emit(event(2, 0)).unwrap_err().kind(), EmitErrorKind::Closed);
        assert_eq!(*emitter.run(|_| ()).unwrap_err().kind(), EmitErrorKind::Closed);
        assert_eq!(emitter.stats().events.tally.refused, 1);
    }
}

#[test]
fn values_pass_the_pipeline_of_the_client_and_text_does_not() {
    let tagged = Environment::of([("OPENLINEAGE__TAGS__JOB__TEAM", "core")]);
    let settings = openlineage_core::config::Loader::new(tagged.clone()).load().unwrap().settings;
    for mode in modes(LONG) {
        let memory = Memory::new();
        let builder = Client::builder().transport(Arc::new(memory.transport())).settings(settings.clone());
        let emitter = Emitter::new(builder.environment(tagged.clone()).build().unwrap(), mode);
        let acme = Uri::from_static("https://acme.example/scheduler");
        let value = RunEvent::start(RunId::new(), JobRef::new("n", "j")).build(&acme);
        let text = value.encode().unwrap();
        assert!(emitter.emit(value).unwrap().is_some());
        assert!(emitter.emit(text.clone()).unwrap().is_some());
        let bodies: Vec<_> = memory.events().iter().map(|event| event.bytes().clone()).collect();
        assert!(String::from_utf8_lossy(&bodies[0]).contains("\"core\""));
        assert_eq!(bodies[1], *text.bytes());
        assert_fates(&emitter, [2, 2, 0, 0]);
    }
}

#[test]
fn what_is_skipped_is_counted_nowhere() {
    for mode in modes(LONG) {
        let emitter = Emitter::new(client(Arc::new(Noop::new())), mode.clone());
        assert!(emitter.emit(event(1, 0)).unwrap().is_none());
        assert!(emitter.submit(event(1, 0)).is_ok());
        assert_fates(&emitter, [0, 0, 0, 0]);

        let mut disabled = Settings::default();
        disabled.disabled = true;
        let emitter = Emitter::new(Client::builder().settings(disabled).build().unwrap(), mode);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let fate = runtime.block_on(emitter.submit(event(1, 0)).unwrap().fate()).unwrap();
        assert!(fate.is_none_or(|receipt| receipt.attempts == 0));
        assert_fates(&emitter, [0, 0, 0, 0]);
    }
}

/// Five repetitions with the usual pauses take 9 s where the answer is 503 and 25 s or more where there is none.
#[test]
fn the_transport_hears_the_deadline_and_its_retries_fit() {
    const LIMIT: Duration = Duration::from_millis(1_500);
    for mode in modes(LIMIT) {
        for answer in [Answer::Stall, Answer::Transient] {
            let sink = ScriptedSink::new();
            sink.script(&[], answer);
            let emitter = over_with(&sink, mode.clone(), RetryPolicy::default(), Runtime::shared());
            let (outcome, took) = timed(|| emitter.emit(event(1, 0)));
            let error = outcome.unwrap_err();
            assert!(took < LIMIT + SLACK, "{took:?}");
            assert_eq!((error.fate(), error.sent()), (Fate::Failed, Sent::Maybe), "{error:?}");
            assert_eq!(error.attempts() > 1, answer == Answer::Transient, "the transport's own verdict: {error:?}");
            assert_eq!(emitter.stats().timed_out, 0, "nobody is left behind by a transport that keeps its deadline");
            assert_fates(&emitter, [1, 0, 1, 0]);
        }
    }
}

#[test]
fn a_call_ends_at_its_limit() {
    for mode in modes(SHORT) {
        let sink = ScriptedSink::new();
        sink.script(&[], Answer::Stall);
        let emitter = over(&sink, mode);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let calls: [&dyn Fn() -> Option<EmitError>; 3] =
            [&|| emitter.emit(event(1, 0)).err(), &|| runtime.block_on(emitter.emit_async(event(1, 1))).err(), &|| {
                emitter.run(|scope| scope.emit(event(1, 2)).err()).unwrap_or_else(Some)
            }];
        for call in calls {
            let (error, took) = timed(call);
            assert_eq!(*error.unwrap().kind(), EmitErrorKind::Timeout);
            assert!(took > SHORT / 2 && took < SHORT + SLACK, "{took:?}");
        }
        assert_fates(&emitter, [3, 0, 3, 0]);
    }
}

#[test]
fn what_the_transport_refuses_the_emitter_refuses_too() {
    for mode in [Mode::inline(), Mode::thread()] {
        let sink = ScriptedSink::new();
        sink.fail_start();
        let emitter = over(&sink, mode);
        let error = emitter.emit(event(1, 0)).unwrap_err();
        assert_eq!((error.kind(), error.accepted()), (&EmitErrorKind::Start, false));
        assert!(emitter.emit(event(1, 1)).unwrap().is_some());
        assert_eq!(emitter.stats().events.tally.refused, 1);
        assert_fates(&emitter, [1, 1, 0, 0]);
    }
}

/// Panics at every third event.
#[derive(Debug)]
struct Panicking {
    info: TransportInfo,
    events: AtomicUsize,
}

#[async_trait]
impl Transport for Panicking {
    fn info(&self) -> &TransportInfo {
        &self.info
    }

    fn state(&self) -> State {
        State::Active
    }

    fn stats(&self) -> Stats {
        Stats::default()
    }

    async fn emit(&self, _event: EncodedEvent, _until: Deadline) -> Result<Ack, EmitError> {
        if self.events.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
            // Without the panic hook, which would print a trace.
            resume_unwind(Box::new("every third"));
        }
        Ok(Ack::Delivered(Receipt::new(1, Duration::ZERO)))
    }

    async fn flush(&self, _until: Deadline) -> FlushReport {
        FlushReport::new(true, 0)
    }

    async fn close(&self, _until: Deadline) -> CloseReport {
        CloseReport::new(self.info.clone(), Ended::Drained, Tally::default(), Duration::ZERO)
    }
}

#[test]
fn a_transport_that_panics_costs_the_events_it_panics_over() {
    for mode in modes(LONG) {
        let transport = Panicking { info: TransportInfo::new("panicking"), events: AtomicUsize::new(0) };
        let emitter = Emitter::new(client(Arc::new(transport)), mode);
        let outcomes: Vec<_> = (0..30).map(|number| emitter.emit(event(1, number))).collect();
        for (number, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Ok(receipt) => assert!(receipt.is_some() && number % 3 != 2),
                Err(error) => assert_eq!((error.kind(), number % 3), (&EmitErrorKind::Faulted, 2), "{error:?}"),
            }
        }
        assert_fates(&emitter, [30, 20, 10, 0]);
    }
}
