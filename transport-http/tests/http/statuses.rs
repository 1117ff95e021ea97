//! Every class of status, and what is read from its body.

use openlineage_core::error::{Disposition, EmitErrorKind};
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::{Ack, Transport};

use crate::support::{LIMIT, block_on, chain, close, emit, event, to};

#[test]
fn only_2xx_is_success_and_the_body_arrives_byte_for_byte() {
    let server = Server::start().unwrap();
    let transport = to(&server).build().unwrap();
    for (n, status) in [200, 201, 202, 204, 299].into_iter().enumerate() {
        server.script([Answer::status(status)]);
        assert_eq!(emit(&transport, &event(n)).unwrap().attempts, 1, "{status}");
        let request = server.requests().pop().unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v1/lineage"));
        assert_eq!(request.body, *event(n).bytes());
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert!(request.header("user-agent").unwrap().starts_with("openlineage-rust/"));
        assert_eq!(request.header("authorization"), None);
    }
    close(&transport);
}

#[test]
fn permanent_answers_are_not_repeated() {
    let rejected = |code| EmitErrorKind::Rejected { code };
    for (status, kind) in [
        (400, rejected(400)),
        (401, EmitErrorKind::Unauthorized { code: 401 }),
        (403, EmitErrorKind::Unauthorized { code: 403 }),
        (404, rejected(404)),
        (405, rejected(405)),
        (409, rejected(409)),
        (413, rejected(413)),
        (422, rejected(422)),
        (501, EmitErrorKind::Unavailable { code: 501 }),
        (505, EmitErrorKind::Unavailable { code: 505 }),
        (300, rejected(300)),
        (304, rejected(304)),
    ] {
        let server = Server::start().unwrap();
        server.always(Answer::status(status));
        let transport = to(&server).build().unwrap();
        let error = emit(&transport, &event(0)).unwrap_err();
        assert_eq!((error.kind(), error.disposition()), (&kind, Disposition::Permanent), "{status}");
        assert_eq!((error.fate(), error.attempts(), server.requests().len()), (Fate::Failed, 1, 1), "{status}");
        close(&transport);
    }
}

#[test]
fn transient_answers_are_repeated_until_it_works() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let server = Server::start().unwrap();
        server.script([Answer::status(status), Answer::status(status)]);
        let transport = to(&server).build().unwrap();
        assert_eq!(emit(&transport, &event(7)).unwrap().attempts, 3, "{status}");
        assert!(server.requests().iter().all(|request| request.body == *event(7).bytes()), "{status}");
        close(&transport);
    }
}

#[test]
fn transient_answers_are_exhausted_in_the_end() {
    for (status, kind) in [
        (429, EmitErrorKind::Throttled { retry_after: None }),
        (500, EmitErrorKind::Unavailable { code: 500 }),
        (503, EmitErrorKind::Unavailable { code: 503 }),
    ] {
        let server = Server::start().unwrap();
        server.always(Answer::status(status));
        let transport = to(&server).build().unwrap();
        let error = emit(&transport, &event(0)).unwrap_err();
        assert_eq!((error.kind(), error.disposition()), (&kind, Disposition::Exhausted), "{status}");
        assert_eq!((error.attempts(), server.requests().len()), (6, 6), "{status}");
        close(&transport);
    }
}

#[test]
fn the_statuses_to_repeat_can_be_chosen() {
    let server = Server::start().unwrap();
    server.script([Answer::status(404), Answer::status(201), Answer::status(500)]);
    let transport = to(&server).status_forcelist([404]).build().unwrap();
    assert_eq!(emit(&transport, &event(0)).unwrap().attempts, 2);
    let error = emit(&transport, &event(0)).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (&EmitErrorKind::Unavailable { code: 500 }, 1));
    close(&transport);
}

#[test]
fn an_error_shows_the_beginning_of_the_answer() {
    let server = Server::start().unwrap();
    let long = format!("no run id\n{}", "é".repeat(3000));
    server.script([Answer::status(422).body("no run id"), Answer::status(422).body(long).chunked()]);
    let transport = to(&server).name("marquez").build().unwrap();
    let error = emit(&transport, &event(0)).unwrap_err();
    assert_eq!(chain(&error), "marquez: destination rejected the event (422): no run id");
    let text = chain(&emit(&transport, &event(0)).unwrap_err());
    let (_, shown) = text.split_once("(422): ").unwrap();
    assert!(shown.starts_with("no run id é") && (500..=512).contains(&shown.len()), "{} {shown}", shown.len());
    close(&transport);
}

#[test]
fn any_executor_will_do() {
    let server = Server::start().unwrap();
    let transport = to(&server).build().unwrap();
    let sends = || async { transport.emit(event(1), Deadline::after(LIMIT)).await };
    assert!(matches!(block_on(sends()).unwrap(), Ack::Delivered(_)));
    let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(matches!(tokio.block_on(sends()).unwrap(), Ack::Delivered(_)));
    let report = block_on(transport.close(Deadline::after(LIMIT)));
    assert!(report.is_clean());
    assert_eq!((report.tally.delivered, server.requests().len()), (2, 2));
}
