//! Connections are used again, whatever the answers look like, and let go at the end.

use std::thread;
use std::time::{Duration, Instant};

use openlineage_core::testkit::server::{Answer, Server};

use crate::support::{LIMIT, close, emit, event, to};

#[test]
fn a_hundred_events_in_a_row_use_one_connection() {
    for answer in [
        Answer::status(201),
        Answer::status(204),
        Answer::status(200).body(r#"{"ok": true}"#),
        Answer::status(200).body("x".repeat(10_000)).chunked(),
        Answer::status(422).body("no run id"),
    ] {
        let server = Server::start().unwrap();
        server.always(answer);
        let transport = to(&server).build().unwrap();
        for n in 0..100 {
            drop(emit(&transport, &event(n)));
        }
        assert_eq!((server.accepted(), server.requests().len()), (1, 100));
        close(&transport);
        assert_eq!(server.wait_for_open(0, LIMIT), 0);
    }
}

#[test]
fn a_server_that_closes_after_each_answer_costs_connections_and_no_events() {
    let server = Server::start().unwrap();
    server.always(Answer::status(201).closing());
    let transport = to(&server).build().unwrap();
    for n in 0..20 {
        assert_eq!(emit(&transport, &event(n)).unwrap().attempts, 1);
    }
    assert_eq!(server.accepted(), 20);
    close(&transport);
}

#[test]
fn an_answer_too_large_to_read_costs_its_connection_and_not_the_event() {
    let server = Server::start().unwrap();
    server.script([Answer::status(200).body(vec![b'x'; 20_000_000])]);
    let transport = to(&server).build().unwrap();
    assert_eq!(emit(&transport, &event(0)).unwrap().attempts, 1);
    assert_eq!(emit(&transport, &event(1)).unwrap().attempts, 1);
    assert_eq!((server.accepted(), server.requests().len()), (2, 2));
    close(&transport);
}

#[test]
fn a_body_that_never_comes_does_not_hold_up_a_success() {
    let server = Server::start().unwrap();
    server.script([Answer::status(201).body("xx").stalling()]);
    let transport = to(&server).build().unwrap();
    let began = Instant::now();
    assert_eq!(emit(&transport, &event(0)).unwrap().attempts, 1);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(server.requests().len(), 1);
    close(&transport);
}

#[test]
fn many_threads_share_a_pool() {
    let server = Server::start().unwrap();
    let transport = to(&server).build().unwrap();
    thread::scope(|scope| {
        for caller in 0..16 {
            let transport = &transport;
            scope.spawn(move || {
                for n in 0..25 {
                    assert_eq!(emit(transport, &event(caller * 25 + n)).unwrap().attempts, 1);
                }
            });
        }
    });
    let requests = server.requests();
    let mut bodies: Vec<_> = requests.iter().map(|request| request.body.clone()).collect();
    let mut events: Vec<_> = (0..400).map(|n| event(n).bytes().to_vec()).collect();
    bodies.sort();
    events.sort();
    assert_eq!(bodies, events);
    assert!(server.accepted() <= 16, "{}", server.accepted());
    close(&transport);
    assert_eq!(server.wait_for_open(0, LIMIT), 0);
}
