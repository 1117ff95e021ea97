use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use openlineage_core::client::{Client, Guard, init};
use openlineage_core::config::Environment;
use openlineage_core::lifecycle::State;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};

use crate::case::{event, with};
use crate::deadlines::over;
use crate::logs::warnings;

const SHORT: Duration = Duration::from_millis(100);
const SLACK: Duration = Duration::from_millis(250);

#[test]
fn dropping_it_closes_every_client_it_was_given() {
    let (one, two) = (with([]), with([]));
    one.sent(event());
    let guard = init(Guard::WITHIN).closing(&one.client).closing(&two.client).closing(&one.client.clone());
    let ((), warned) = warnings(|| drop(guard));
    assert_eq!(warned, Vec::<String>::new(), "nothing was lost");
    assert_eq!(one.client.transport().state(), State::Closed);
    assert_eq!(two.client.transport().state(), State::Closed);
}

#[test]
fn a_panic_that_unwinds_through_it_closes_too() {
    let case = with([]);
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _guard = init(Guard::WITHIN).closing(&case.client);
        // Without the panic hook, which would print a trace into every test run.
        resume_unwind(Box::new("over the edge"));
    }));
    assert!(unwound.is_err());
    assert_eq!(case.client.transport().state(), State::Closed);
}

/// One limit for all, and not one for each.
#[test]
fn clients_that_hang_share_its_limit_and_what_is_lost_is_logged() {
    let sinks: [ScriptedSink; 3] = std::array::from_fn(|_| ScriptedSink::new());
    let clients = sinks.each_ref().map(|sink| {
        sink.script(&[], Answer::Stall);
        over(sink, Runtime::shared())
    });
    std::thread::scope(|scope| {
        for client in &clients {
            scope.spawn(|| client.blocking().emit(event()).unwrap_err());
        }
        for sink in &sinks {
            assert!(sink.wait(&mut |log| log.attempts.len() == 1, Duration::from_secs(10)));
        }
        let guard = clients.iter().fold(init(SHORT), Guard::closing);
        let began = Instant::now();
        let ((), warned) = warnings(|| drop(guard));
        assert!(began.elapsed() < SHORT + SLACK, "{:?}", began.elapsed());
        assert_eq!(warned.len(), 3, "{warned:?}");
        assert!(warned.iter().all(|line| line.contains("abandoned: 1")), "{warned:?}");
    });
}

#[test]
fn on_the_runtime_that_would_have_to_close_it_says_so_and_does_not_hang() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = over(&ScriptedSink::new(), Runtime::on(runtime.handle().clone()));
    let warned = runtime.block_on(async {
        drop(client.emit(event()).await);
        let guard = init(Guard::WITHIN).closing(&client);
        warnings(|| drop(guard)).1
    });
    assert!(warned.iter().any(|line| line.contains("close the client before")), "{warned:?}");
    assert!(runtime.block_on(client.close()).is_clean());
}

#[test]
fn a_guard_over_a_client_that_sent_nothing() {
    let client = Client::builder().transport(Arc::new(openlineage_core::builtin::Noop::new()));
    let client = client.environment(Environment::default()).build().unwrap();
    drop(init(Duration::ZERO).closing(&client));
    assert_eq!(client.transport().state(), State::Closed);
}
