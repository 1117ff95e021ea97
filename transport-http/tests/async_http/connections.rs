//! As many connections as requests under way, and no more.

use openlineage_core::testkit::server::{Answer, Server};

use crate::support::{LIMIT, all_delivered, building, came, close, submit_all, to};

#[test]
fn a_burst_never_has_more_connections_than_requests_under_way() {
    for (concurrent, events) in [(1, 300), (8, 1_000), (100, 3_000)] {
        for answer in [Answer::status(201), Answer::status(200).body(r#"{"ok": true}"#)] {
            let server = Server::start().unwrap();
            server.always(answer);
            let transport = building(to(&server), concurrent);
            let tickets = submit_all(&transport, events, 1);
            let (report, outcomes) = close(&transport, LIMIT, tickets);
            all_delivered(&outcomes);
            assert_eq!((report.is_clean(), server.requests().len()), (true, events));
            assert!(server.accepted() <= concurrent as u64, "{} for {concurrent}", server.accepted());
            assert_eq!(server.wait_for_open(0, LIMIT), 0);
        }
    }
}

#[test]
fn a_server_that_closes_after_each_answer_costs_no_event() {
    for answer in [Answer::status(201).closing(), Answer::status(201).cutting()] {
        let server = Server::start().unwrap();
        server.always(answer);
        let transport = building(to(&server), 8);
        let (_, outcomes) = {
            let tickets = submit_all(&transport, 20, 20);
            close(&transport, LIMIT, tickets)
        };
        all_delivered(&outcomes);
        came(&server.requests(), 20, 20);
        assert!(server.open() <= 8);
    }
}
