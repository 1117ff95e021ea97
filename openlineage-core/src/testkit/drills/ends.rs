use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::ledger::Arrivals;
use super::program::{AT_ONCE, Ended, Program, sign};
use super::{Drill, Site};
use crate::blocking;
use crate::client::{Client, Guard, init};
use crate::config::Environment;
use crate::lifecycle::Deadline;
use crate::testkit::callers::Callers;
use crate::testkit::events::event;
use crate::testkit::server::{Answer, Server};
use crate::testkit::stage::{LONG, SLACK};
use crate::testkit::verdict::{Outcome, Verdict, broken, ensure, same};
use crate::transport::Transport;

/// Events that have been delivered when the end begins, and events that have not.
const BEFORE: u64 = 5;
const BUSY: u64 = 40;
const ALL: u64 = BEFORE + BUSY;

/// Room for some of them only, and requests at once.
const ROOM: usize = 16;
const CONCURRENT: usize = 4;

/// The limit of a guard that means to reach it, and what a closing takes beyond it for what it cancels.
const WITHIN: Duration = Duration::from_millis(300);
const GRACE: Duration = Duration::from_millis(100);

/// What a program that exits ends with.
const CODE: i32 = 7;

/// What a program that panics ends with.
const PANICKED: i32 = 101;

pub(super) const DRILLS: &[Drill] = &[
    Drill {
        name: "a_return_through_a_guard_delivers",
        script: slow,
        act: |site| guarded(site, Guard::WITHIN).and_then(ending),
        judge: |program, server| delivered(&program.ends_well()?, server),
    },
    Drill {
        name: "a_return_through_a_guard_keeps_its_limit",
        script: hung,
        act: |site| guarded(site, WITHIN).and_then(ending),
        judge: kept_its_limit,
    },
    Drill { name: "a_return_without_a_guard_says_what_is_lost", script: hung, act: dropped, judge: said_what_is_lost },
    Drill { name: "a_return_that_drops_nothing", script: hung, act: forgotten, judge: ended_at_once },
    Drill { name: "a_panic_through_a_guard_delivers", script: slow, act: panicking, judge: panicked_and_delivered },
    Drill { name: "an_exit_while_callers_wait", script: hung, act: exiting, judge: ended_at_once },
    Drill { name: "an_exit_by_another_thread", script: hung, act: exiting_elsewhere, judge: ended_at_once },
];

/// The server answers, but not before the program has begun to end.
fn slow(server: &Server) {
    server.script((0..BEFORE).map(|_| Answer::status(201)));
    server.always(Answer::slow(Duration::from_millis(5)));
}

/// The server answers the first events and then none.
fn hung(server: &Server) {
    server.script((0..BEFORE).map(|_| Answer::status(201)));
    server.always(Answer::hang());
}

/// A program under way: some events delivered, a client, and what waits for the others.
struct Busy {
    client: Client,
    callers: Callers,
}

/// More events than there is room for if `crowded`, so that callers stand in the line.
fn busy(site: &Site<'_>, crowded: bool) -> Outcome<Busy> {
    let transport = site.transport(if crowded { ROOM } else { ALL as usize }, CONCURRENT);
    for number in 0..BEFORE {
        let delivered = blocking::deliver(&*transport, event(number)?, Deadline::after(LONG));
        delivered.or_else(|error| broken(format!("the server answers, and yet: {error}")))?;
    }
    let events: Outcome<Vec<_>> = (BEFORE..ALL).map(event).collect();
    let callers = Callers::start(&transport, events?, Deadline::never())?;
    let waiting = transport.stats().queue.map(|queue| queue.waiting as u64);
    same("callers in line", waiting, Some(if crowded { BUSY - ROOM as u64 } else { 0 }))?;
    let builder = Client::builder().transport(transport).environment(Environment::default());
    let client = builder.build().or_else(|error| broken(format!("no client: {error}")))?;
    Ok(Busy { client, callers })
}

/// What a guard is about to close.
struct Guarded {
    _guard: Guard,
    _busy: Busy,
}

fn guarded(site: &Site<'_>, within: Duration) -> Outcome<Guarded> {
    let busy = busy(site, false)?;
    Ok(Guarded { _guard: init(within).closing(&busy.client), _busy: busy })
}

/// Says so, and returns, which drops everything.
fn ending(_all: Guarded) -> Outcome {
    sign("ending");
    Ok(())
}

#[expect(clippy::panic, reason = "the end that is drilled")]
fn panicking(site: &Site<'_>) -> Outcome {
    let _guarded = guarded(site, Guard::WITHIN)?;
    panic!("over the edge")
}

/// Nobody waits for anything any more, and nobody closes.
fn dropped(site: &Site<'_>) -> Outcome {
    let Busy { client, callers } = busy(site, false)?;
    callers.give_up()?;
    sign("ending");
    drop(client);
    Ok(())
}

/// As if it stood in a static.
fn forgotten(site: &Site<'_>) -> Outcome {
    let busy = busy(site, true)?;
    sign("ending");
    std::mem::forget(busy);
    Ok(())
}

fn exiting(site: &Site<'_>) -> Outcome {
    let _busy = busy(site, true)?;
    exit()
}

/// While this thread waits in line itself.
fn exiting_elsewhere(site: &Site<'_>) -> Outcome {
    let Busy { client, .. } = busy(site, true)?;
    let client = Arc::new(client);
    let exiting = thread::spawn(exit);
    let outcome = blocking::emit(client.transport(), event(ALL)?, Deadline::after(LONG));
    drop(exiting.join());
    broken(format!("the process goes on, with {outcome:?}"))
}

#[expect(clippy::exit, reason = "the end that is drilled")]
fn exit() -> Outcome {
    sign("ending");
    std::process::exit(CODE)
}

fn all_arrived(server: &Server) -> Outcome {
    let arrivals = Arrivals::at(server)?;
    arrivals.no_copies()?;
    arrivals.all_of(0..ALL)
}

fn delivered(ended: &Ended, server: &Server) -> Outcome {
    same("warnings", &*ended.warnings, &[])?;
    all_arrived(server)
}

fn panicked_and_delivered(program: &mut Program, server: &Server) -> Outcome {
    let ended = program.ends()?;
    ended.with_code(PANICKED)?;
    delivered(&ended, server)
}

fn kept_its_limit(program: &mut Program, server: &Server) -> Outcome {
    let began = program.signs("ending")?;
    let ended = program.ends_well()?;
    in_time(began, ended.at, WITHIN + GRACE + SLACK)?;
    one_warning(&ended.warnings, "events were lost", &format!("delivered: {BEFORE}, "))?;
    one_warning(&ended.warnings, "DeadlineReached", &format!("abandoned: {BUSY}"))?;
    only_what_was_under_way(server)
}

fn said_what_is_lost(program: &mut Program, server: &Server) -> Outcome {
    let began = program.signs("ending")?;
    let ended = program.ends_well()?;
    in_time(began, ended.at, AT_ONCE)?;
    one_warning(&ended.warnings, "dropped without close", &format!("abandoned={BUSY}"))?;
    only_what_was_under_way(server)
}

fn ended_at_once(program: &mut Program, server: &Server) -> Outcome {
    let began = program.signs("ending")?;
    let ended = program.ends()?;
    ended.with_code(if ended.verdict == Some(Verdict::Holds) { 0 } else { CODE })?;
    in_time(began, ended.at, AT_ONCE)?;
    same("warnings", &*ended.warnings, &[])?;
    only_what_was_under_way(server)
}

/// What had been acknowledged has come, and of the rest only what had been sent.
fn only_what_was_under_way(server: &Server) -> Outcome {
    let arrivals = Arrivals::at(server)?;
    arrivals.no_copies()?;
    arrivals.all_of(0..BEFORE)?;
    let more = arrivals.count(BEFORE..u64::MAX);
    ensure(more <= CONCURRENT, || format!("{more} events were under way at once"))
}

fn in_time(began: Instant, ended: Instant, limit: Duration) -> Outcome {
    let took = ended.saturating_duration_since(began);
    ensure(took < limit, || format!("the end took {took:?} instead of {limit:?}"))
}

fn one_warning(warnings: &[String], what: &str, count: &str) -> Outcome {
    let fits = matches!(warnings, [warning] if warning.contains(what) && warning.contains(count));
    ensure(fits, || format!("instead of one warning of {what:?} with {count}: {warnings:?}"))
}
