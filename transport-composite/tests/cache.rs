//! The cache: what is one transport, what is not, and what becomes of those that die or cannot be built.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::builtin::Memory;
use openlineage_core::config::{BuildContext, ConfigError, Environment, Factory, Registry, Section, TransportSpec};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, Ended, State};
use openlineage_core::transport::{Ack, Transport, TransportSource};
use openlineage_transport_composite::{CompositeFactory, Retain, TransportCache};

/// Builds transports into memory, counts them, and fails as often as it is told.
#[derive(Clone, Debug, Default)]
struct Counted {
    built: Arc<AtomicUsize>,
    failing: Arc<AtomicUsize>,
    last: Arc<std::sync::Mutex<Option<Arc<dyn Transport>>>>,
    memory: Memory,
}

impl Factory for Counted {
    fn build(&self, mut options: Section, _context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let _key = options.secret("key")?;
        let _number = options.whole("number")?;
        options.finish(&["key", "number"])?;
        if self.failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            return Err(ConfigError::new("transport", "told to fail"));
        }
        self.built.fetch_add(1, Ordering::Relaxed);
        let built: Arc<dyn Transport> = Arc::new(self.memory.transport());
        *self.last.lock().unwrap() = Some(Arc::clone(&built));
        Ok(built)
    }
}

impl Counted {
    fn registry(&self) -> Registry {
        Registry::builtin().with("counted", self.clone()).with("composite", CompositeFactory)
    }

    fn built(&self) -> usize {
        self.built.load(Ordering::Relaxed)
    }
}

fn spec(json: &str) -> TransportSpec {
    TransportSpec::from_json(json).unwrap()
}

fn event(number: usize) -> EncodedEvent {
    let json = format!(
        r#"{{"eventType":"START","run":{{"runId":"0198b9a1-0000-7000-8000-{number:012x}"}},"job":{{"namespace":"n","name":"j"}}}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

fn deliver(transport: &Arc<dyn Transport>, number: usize) {
    assert!(matches!(blocking::emit(transport, event(number), soon()).unwrap(), Ack::Delivered(_)));
}

const TWO: &str =
    r#"{"type":"composite","transports":{"a":{"type":"counted","number":1},"b":{"type":"counted","number":2}}}"#;

#[test]
fn ten_thousand_builds_from_one_configuration_are_one_transport_a_leg() {
    let (cache, counted) = (TransportCache::new(Retain::Process), Counted::default());
    let registry = counted.registry();
    for number in 0..10_000 {
        let share = cache.get(&spec(TWO), &registry).unwrap();
        if number % 500 == 0 {
            deliver(&share, number);
        }
    }
    assert_eq!((cache.len(), counted.built()), (3, 2));
    let reports = block(cache.shutdown(soon()));
    let delivered: Vec<_> = reports.iter().map(|report| report.tally.delivered).collect();
    assert_eq!(delivered, [20, 20, 20]);
    assert_eq!(reports[0].info.kind, "composite");
    assert!(reports.iter().all(openlineage_core::lifecycle::CloseReport::is_clean));
}

#[test]
fn names_are_the_shares_and_options_tell_transports_apart() {
    let (cache, counted) = (TransportCache::new(Retain::Process), Counted::default());
    let registry = counted.registry();
    let get = |json: &str| cache.get(&spec(json), &registry).unwrap();
    let one = get(r#"{"type":"counted","name":"one","priority":3}"#);
    let other = get(r#"{"type":"counted","name":"other"}"#);
    assert_eq!((one.info().to_string(), other.info().to_string()), ("one".to_owned(), "other".to_owned()));
    assert_eq!(counted.built(), 1);
    let _different = get(r#"{"type":"counted","number":7}"#);
    assert_eq!(counted.built(), 2);
    let _leg = get(r#"{"type":"composite","transports":[{"type":"counted","number":7}]}"#);
    assert_eq!((counted.built(), cache.len()), (2, 3));
    let _elsewhere = cache.get(&spec(r#"{"type":"counted"}"#), &Counted::default().registry()).unwrap();
    assert_eq!(cache.len(), 4);
}

#[test]
fn what_a_reference_leads_to_tells_transports_apart_and_is_looked_up_once() {
    let (cache, counted) = (TransportCache::new(Retain::Process), Counted::default());
    let registry = counted.registry();
    let json = r#"{"type":"counted","key":{"env":"KEY"}}"#;
    let with = |key: &str| spec(json).within(&Environment::of([("KEY", key)]));
    let old = with("old");
    for spec in [&old, &with("old"), &with("new"), &old] {
        let _share = cache.get(spec, &registry).unwrap();
    }
    assert_eq!(counted.built(), 2);
    assert!(cache.get(&spec(json).within(&Environment::default()), &registry).is_err());
}

#[test]
fn many_threads_at_once_build_once() {
    for _ in 0..20 {
        let (cache, counted) = (TransportCache::new(Retain::Process), Counted::default());
        let (registry, barrier) = (counted.registry(), Barrier::new(16));
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    barrier.wait();
                    cache.get(&spec(TWO), &registry).unwrap()
                });
            }
        });
        assert_eq!((counted.built(), cache.len()), (2, 3));
    }
}

#[test]
fn what_cannot_be_built_is_not_remembered() {
    let (cache, counted) = (TransportCache::new(Retain::Process), Counted::default());
    let registry = counted.registry();
    counted.failing.store(2, Ordering::Relaxed);
    for _ in 0..2 {
        assert!(cache.get(&spec(TWO), &registry).is_err());
        assert_eq!(cache.len(), 0);
    }
    let share = cache.get(&spec(TWO), &registry).unwrap();
    deliver(&share, 1);
    assert_eq!(counted.built(), 2);
}

#[test]
fn what_has_died_is_replaced_for_the_next_client_and_for_shares_that_are_there() {
    let (cache, counted) = (TransportCache::new(Retain::Process), Counted::default());
    let registry = counted.registry();
    let json = r#"{"type":"composite","transports":[{"type":"counted"}]}"#;
    let before = cache.get(&spec(json), &registry).unwrap();
    deliver(&before, 1);
    let inner = counted.last.lock().unwrap().take().unwrap();
    let _report = blocking::close(&inner, soon()).unwrap();
    deliver(&before, 2);
    assert_eq!(counted.built(), 2);
    let inner = counted.last.lock().unwrap().take().unwrap();
    let _report = blocking::close(&inner, soon()).unwrap();
    deliver(&cache.get(&spec(json), &registry).unwrap(), 3);
    assert_eq!((counted.built(), counted.memory.events().len(), cache.len()), (3, 3, 2));
}

#[test]
fn the_last_share_ends_the_transport_and_the_next_client_gets_a_new_one() {
    let (cache, counted) = (TransportCache::new(Retain::LastShare), Counted::default());
    let registry = counted.registry();
    for round in 1..=3 {
        let (one, other) = (cache.get(&spec(TWO), &registry).unwrap(), cache.get(&spec(TWO), &registry).unwrap());
        deliver(&one, 1);
        let inner = counted.last.lock().unwrap().clone().unwrap();
        assert!(blocking::close(&one, soon()).unwrap().children.is_empty());
        assert_eq!(inner.state(), State::Active);
        if round == 2 {
            drop(other);
        } else {
            let report = blocking::close(&other, soon()).unwrap();
            assert_eq!((report.ended, report.children.len()), (Ended::Drained, 2));
        }
        // A drop does not wait for the end.
        assert!(inner.state() >= State::Closing);
        assert_eq!((cache.len(), counted.built()), (0, 2 * round));
    }
}

#[test]
fn after_a_shutdown_shares_are_of_no_use_and_the_cache_is() {
    let (cache, counted) = (TransportCache::new(Retain::Process), Counted::default());
    let registry = counted.registry();
    let share = cache.get(&spec(TWO), &registry).unwrap();
    deliver(&share, 1);
    assert_eq!(block(cache.shutdown(soon())).len(), 3);
    let error = blocking::emit(&share, event(2), soon()).unwrap_err();
    assert!(!error.accepted() && error.is_terminal());
    deliver(&cache.get(&spec(TWO), &registry).unwrap(), 3);
    assert_eq!(counted.built(), 4);
}

/// Composites of composites, which share legs at every level, from many threads that also fail, close and shut down.
#[test]
fn composites_of_composites_do_not_deadlock() {
    let counted = Counted::default();
    let registry = counted.registry();
    for retain in [Retain::LastShare, Retain::Process] {
        let (cache, barrier) = (TransportCache::new(retain), Barrier::new(32));
        thread::scope(|scope| {
            for worker in 0..32_usize {
                let (cache, registry, barrier, counted) = (&cache, &registry, &barrier, &counted);
                scope.spawn(move || {
                    barrier.wait();
                    for round in 0..60 {
                        if (worker + round) % 7 == 0 {
                            counted.failing.fetch_add(1, Ordering::Relaxed);
                        }
                        let Ok(share) = cache.get(&spec(&nested((worker * 31 + round) % 12)), registry) else {
                            continue;
                        };
                        match round % 5 {
                            0 => drop(blocking::emit(&share, event(round), soon())),
                            1 => drop(blocking::close(&share, soon()).unwrap()),
                            2 if worker == 0 => drop(block(cache.shutdown(soon()))),
                            _ => drop(share),
                        }
                    }
                });
            }
        });
        assert!(cache.len() <= if retain == Retain::LastShare { 0 } else { 64 }, "{} are left", cache.len());
    }
}

fn nested(number: usize) -> String {
    let leg = |number: usize| format!(r#"{{"type":"counted","number":{}}}"#, number % 3);
    let inner = |number: usize| format!(r#"{{"type":"composite","transports":[{},{}]}}"#, leg(number), leg(number + 1));
    format!(
        r#"{{"type":"composite","leg_timeout":{},"transports":[{},{},{}]}}"#,
        1 + number % 4,
        inner(number),
        inner(number + 1),
        leg(number)
    )
}

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}
