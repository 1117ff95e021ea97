//! Many losses at once, and the account of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::EmitError;
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Transport;
use tokio::runtime::Builder;

use crate::{Heard, LONG, event, long, over};

const CALLERS: u64 = 8;
const EACH: u64 = 20;

/// Emits from many threads while the destination wavers and a close hurries; says what each caller was told.
fn storm(transport: &Arc<dyn Transport>, sink: &ScriptedSink, limit: Duration) -> Vec<(u64, Option<EmitError>)> {
    use Answer::{Accept, Panic, Permanent, Transient};
    let script: Vec<_> = [Accept, Permanent, Accept, Transient, Accept, Panic].into_iter().cycle().take(40).collect();
    sink.script(&script, Answer::Stall);
    let told = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for caller in 0..CALLERS {
            let told = &told;
            scope.spawn(move || {
                for number in caller * EACH..(caller + 1) * EACH {
                    let outcome = blocking::emit(transport, event(number), long());
                    told.lock().unwrap().push((number, outcome.err()));
                }
            });
        }
        sink.wait(&mut |log| log.attempts.len() >= 40, LONG);
        scope.spawn(move || sink.script(&[], Accept));
        scope.spawn(move || drop(blocking::close(transport, Deadline::after(limit))));
    });
    told.into_inner().unwrap()
}

/// What callers were told, what is counted and what the hook heard are one and the same.
fn agree(transport: &dyn Transport, heard: &Heard, told: &[(u64, Option<EmitError>)], seed: u64) {
    let tally = transport.stats().tally;
    let fates = |fate| told.iter().flat_map(|(_, error)| error).filter(|error| error.fate() == fate).count() as u64;
    assert_eq!((fates(Fate::Failed), fates(Fate::Abandoned)), (tally.failed, tally.abandoned), "seed {seed}");
    assert_eq!(told.iter().filter(|(_, error)| error.is_none()).count() as u64, tally.delivered, "seed {seed}");
    let lost = heard.wait(tally.lost() as usize);
    let told: BTreeSet<_> = told
        .iter()
        .filter_map(|(number, error)| Some((event(*number).bytes().clone(), format!("{:?}", error.as_ref()?))))
        .filter(|(_, error)| !error.contains("fate: Refused"))
        .collect();
    let passed: BTreeSet<_> =
        lost.iter().map(|lost| (lost.event.bytes().clone(), format!("{:?}", lost.error))).collect();
    assert_eq!((lost.len(), passed), (told.len(), told), "seed {seed}");
}

#[test]
fn the_fates_told_counted_and_passed_agree() {
    for seed in 0..40 {
        let (sink, heard) = (ScriptedSink::new(), Heard::new());
        let transport: Arc<dyn Transport> = Arc::new(over(&sink, heard.clone()).build());
        let told = storm(&transport, &sink, Duration::from_micros(seed * 20));
        agree(&*transport, &heard, &told, seed);
    }
}

#[test]
fn they_agree_on_a_runtime_of_many_threads_too() {
    let host = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    for seed in 0..40 {
        let (sink, heard) = (ScriptedSink::new(), Heard::new());
        let lent = Runtime::on(host.handle().clone());
        let transport: Arc<dyn Transport> = Arc::new(over(&sink, heard.clone()).runtime(lent).build());
        let told = storm(&transport, &sink, Duration::from_micros(seed * 20));
        agree(&*transport, &heard, &told, seed);
    }
}
