use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{Answer, Server};

const LIMIT: Duration = Duration::from_secs(10);
const POST: &[u8] = b"POST /p?q=1 HTTP/1.1\r\nHost: h\r\nX-A: b\r\nContent-Length: 2\r\n\r\n{}";

fn connect(server: &Server) -> BufReader<TcpStream> {
    BufReader::new(TcpStream::connect(server.addr()).unwrap())
}

fn send(connection: &mut BufReader<TcpStream>, request: &[u8]) {
    connection.get_mut().write_all(request).unwrap();
}

/// Head and body of an answer that has a length.
fn receive(connection: &mut BufReader<TcpStream>) -> (String, Vec<u8>) {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let start = head.len();
        connection.read_line(&mut head).unwrap();
        let line = head[start..].trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).unwrap();
    (head, body)
}

#[test]
fn the_script_comes_first_and_then_what_is_always_said() {
    let server = Server::start().unwrap();
    server.script([Answer::status(503).header("Retry-After", "1").body("busy"), Answer::redirect(307, "/x")]);
    server.always(Answer::status(204));
    let mut connection = connect(&server);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        send(&mut connection, POST);
        let (head, body) = receive(&mut connection);
        statuses.push((head.split(' ').nth(1).unwrap().to_owned(), body));
        assert_eq!(head.contains("\r\nRetry-After: 1\r\n"), statuses.len() == 1);
        assert_eq!(head.contains("\r\nLocation: /x\r\n"), statuses.len() == 2);
    }
    assert_eq!(statuses, [("503", "busy"), ("307", ""), ("204", "")].map(|(s, b)| (s.to_owned(), b.into())));
    let requests = server.wait_for(3, LIMIT);
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", "/p?q=1"));
    assert_eq!((requests[0].header("x-a"), requests[0].body.as_slice()), (Some("b"), b"{}".as_slice()));
    assert_eq!(requests.iter().map(|request| request.connection).collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!((server.accepted(), server.open()), (1, 1));
}

#[test]
fn without_a_script_the_answer_is_201() {
    let server = Server::start().unwrap();
    let mut connection = connect(&server);
    send(&mut connection, POST);
    assert!(receive(&mut connection).0.starts_with("HTTP/1.1 201 "));
}

#[test]
fn a_chunked_request_is_put_together() {
    let server = Server::start().unwrap();
    let mut connection = connect(&server);
    send(&mut connection, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n");
    receive(&mut connection);
    assert_eq!(server.requests()[0].body, b"abc");
}

#[test]
fn what_hangs_is_answered_when_released() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let mut connection = connect(&server);
    send(&mut connection, POST);
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    connection.get_ref().set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let nothing = connection.read(&mut [0]).unwrap_err();
    assert!(matches!(nothing.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut));
    connection.get_ref().set_read_timeout(Some(LIMIT)).unwrap();
    server.release();
    let mut head = [0; 12];
    connection.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 201");
}

#[test]
fn a_release_is_for_what_has_begun_to_arrive_too() {
    let server = Server::start().unwrap();
    server.script([Answer::hang(), Answer::hang()]);
    let mut connection = connect(&server);
    connection.get_ref().set_read_timeout(Some(LIMIT)).unwrap();
    send(&mut connection, &POST[..10]);
    assert_eq!(server.shared.wait(LIMIT, |state| state.script.len() == 1).script.len(), 1);
    server.release();
    send(&mut connection, &POST[10..]);
    assert!(receive(&mut connection).0.starts_with("HTTP/1.1 201 "));
    send(&mut connection, POST);
    assert_eq!(server.wait_for(2, LIMIT).len(), 2);
    connection.get_ref().set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(connection.read(&mut [0]).is_err(), "an earlier release counts");
}

#[test]
fn a_slow_answer_comes_after_its_pause() {
    let server = Server::start().unwrap();
    server.always(Answer::slow(Duration::from_millis(60)));
    let (mut connection, began) = (connect(&server), Instant::now());
    send(&mut connection, POST);
    receive(&mut connection);
    assert!(began.elapsed() >= Duration::from_millis(60));
}

#[test]
fn a_reset_is_an_error_and_not_an_end() {
    let server = Server::start().unwrap();
    server.always(Answer::reset());
    let mut connection = connect(&server);
    send(&mut connection, POST);
    assert_eq!(connection.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(server.wait_for(1, LIMIT)[0].path, "/p?q=1");
    assert_eq!(server.wait_for_open(0, LIMIT), 0);
}

#[test]
fn closing_ends_the_connection_after_the_answer() {
    let server = Server::start().unwrap();
    server.always(Answer::status(200).body("x").closing());
    let mut connection = connect(&server);
    send(&mut connection, POST);
    let (head, body) = receive(&mut connection);
    assert!(head.contains("\r\nConnection: close\r\n"));
    assert_eq!(body, b"x");
    assert_eq!(connection.read(&mut [0]).unwrap(), 0);
}

#[test]
fn dropping_ends_what_hangs_and_what_is_idle() {
    let server = Server::start().unwrap();
    server.script([Answer::status(201), Answer::hang()]);
    let (mut idle, mut hung) = (connect(&server), connect(&server));
    send(&mut idle, POST);
    receive(&mut idle);
    send(&mut hung, POST);
    assert_eq!(server.wait_for(2, LIMIT).len(), 2);
    let address = server.addr();
    drop(server);
    assert_eq!(idle.read(&mut [0]).unwrap_or(0), 0);
    assert_eq!(hung.read(&mut [0]).unwrap_or(0), 0);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn hundreds_of_connections_are_served() {
    let server = Server::start().unwrap();
    let mut connections: Vec<_> = (0..450).map(|_| connect(&server)).collect();
    for connection in &mut connections {
        send(connection, POST);
    }
    for connection in &mut connections {
        receive(connection);
    }
    assert_eq!((server.accepted(), server.open(), server.requests().len()), (450, 450, 450));
    drop(connections);
    assert_eq!(server.wait_for_open(0, LIMIT), 0);
}
