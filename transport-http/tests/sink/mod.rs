//! The kit's sink behind HTTP.

use std::io::Read;

use bytes::Bytes;
use openlineage_core::testkit::{Answer, Protocol, SocketSink};

pub(crate) type HttpSink = SocketSink<Http>;

#[derive(Debug)]
pub(crate) enum Http {}

impl Protocol for Http {
    /// The body of the first request, unpacked.
    fn take(unread: &mut Vec<u8>) -> Option<Bytes> {
        let end = unread.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&unread[..end]).to_lowercase();
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let whole = end + field("content-length").map_or(0, |length| length.parse::<usize>().unwrap());
        if unread.len() < whole {
            return None;
        }
        let body: Vec<u8> = unread.drain(..whole).skip(end).collect();
        if field("content-encoding") != Some("gzip") {
            return Some(body.into());
        }
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut plain).unwrap();
        Some(plain.into())
    }

    fn spell(answer: Answer) -> String {
        let (status, more) = match answer {
            Answer::Accept => (201, String::new()),
            Answer::Permanent => (400, String::new()),
            // HTTP counts in whole seconds; a shorter pause is one.
            Answer::Throttle(pause) => (429, format!("Retry-After: {}\r\n", pause.as_secs_f64().ceil())),
            Answer::Transient | Answer::Stall | Answer::Panic => (503, String::new()),
        };
        format!("HTTP/1.1 {status} Scripted\r\n{more}Content-Length: 0\r\n\r\n")
    }
}
