use std::borrow::Cow;
use std::io::{self, BufReader, Write};
use std::net::TcpStream;
use std::ops::Deref;
use std::sync::Arc;

use super::answer::{Answer, Hold};
use super::request::Request;
use super::state::Shared;

/// Most of a request that is looked at before its connection is reset.
const PEEKED: usize = 64 * 1024;

/// Answers requests until the connection ends.
pub(super) fn serve(shared: &Shared, number: u64, stream: &Arc<TcpStream>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(&**stream);
    loop {
        // Looked at, not taken: data still unread at the close is what makes the system send a reset.
        if reader.buffer().is_empty() && stream.peek(&mut [0])? == 0 {
            return Ok(());
        }
        let (answer, releases) = shared.next_answer();
        if answer.reset {
            return reset(shared, number, stream);
        }
        let Some(request) = Request::read(&mut reader, number)? else { return Ok(()) };
        let close = answer.close || request.header("connection").is_some_and(|word| word.eq_ignore_ascii_case("close"));
        shared.change(|state| state.requests.push(request));
        if !shared.hold(answer.hold, releases) {
            return Ok(());
        }
        stream.deref().write_all(head(&answer, close && !answer.unannounced).as_bytes())?;
        if answer.stall && !shared.hold(Hold::UntilReleased, releases) {
            return Ok(());
        }
        stream.deref().write_all(&body(&answer))?;
        if close {
            return Ok(());
        }
    }
}

fn reset(shared: &Shared, number: u64, stream: &TcpStream) -> io::Result<()> {
    let mut seen = vec![0; PEEKED];
    let length = stream.peek(&mut seen)?;
    shared.change(|state| state.requests.extend(Request::read_part(&seen[..length], number)));
    Ok(())
}

fn head(answer: &Answer, close: bool) -> String {
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", answer.status);
    // A 204 and a 304 have no body and say nothing of its length.
    if answer.chunked {
        head.push_str("Transfer-Encoding: chunked\r\n");
    } else if !matches!(answer.status, 204 | 304) {
        add(&mut head, "Content-Length", &answer.body.len().to_string());
    }
    if close {
        add(&mut head, "Connection", "close");
    }
    for (name, value) in &answer.headers {
        add(&mut head, name, value);
    }
    head.push_str("\r\n");
    head
}

fn add(head: &mut String, name: &str, value: &str) {
    head.extend([name, ": ", value, "\r\n"]);
}

fn body(answer: &Answer) -> Cow<'_, [u8]> {
    if !answer.chunked {
        return Cow::Borrowed(&answer.body);
    }
    let size = format!("{:x}\r\n", answer.body.len());
    Cow::Owned([size.as_bytes(), &answer.body, b"\r\n0\r\n\r\n"].concat())
}
