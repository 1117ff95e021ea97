//! A keep-alive HTTP/1.1 server that answers every request with 201, or does not, and counts.

use std::future;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::oneshot;

use super::Manner;
use super::tally::Counts;

const REPLY: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
const FIRST_BUFFER: usize = 64 * 1024;
/// Long enough for a client to send a hundred requests meanwhile.
const LATE: Duration = Duration::from_millis(20);

/// Announces its address in a line on standard output, serves until standard input closes, then tells its counts.
pub(crate) fn serve(core: Option<usize>, manner: Manner) -> Result<()> {
    if let Some(core) = core {
        crate::pin::to_core(core)?;
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot build a runtime")?;
    let counts = Arc::new(Counts::default());
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen on 127.0.0.1")?;
        tell(listener.local_addr()?)?;
        tokio::spawn(accept(listener, manner, Arc::clone(&counts)));
        end_of_input().await.context("cannot watch standard input")
    })?;
    // Whoever went away first does not want the counts.
    let _ = tell(serde_json::to_string(&counts.tally())?);
    Ok(())
}

fn tell(what: impl ToString) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", what.to_string())?;
    Ok(stdout.flush()?)
}

async fn end_of_input() -> Result<(), oneshot::error::RecvError> {
    let (closed, closing) = oneshot::channel();
    thread::spawn(move || {
        let outcome = io::stdin().lock().read_to_end(&mut Vec::new());
        closed.send(outcome.is_ok())
    });
    closing.await.map(|_| ())
}

async fn accept(listener: TcpListener, manner: Manner, counts: Arc<Counts>) {
    while let Ok((stream, _)) = listener.accept().await {
        counts.accepted();
        tokio::spawn(converse(stream, manner, Arc::clone(&counts)));
    }
}

async fn converse(mut stream: TcpStream, manner: Manner, counts: Arc<Counts>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; FIRST_BUFFER];
    let mut held = 0;
    loop {
        if held == buffer.len() {
            buffer.resize(2 * held, 0);
        }
        match stream.read(&mut buffer[held..]).await? {
            0 => return Ok(()),
            read => held += read,
        }
        while let Some(length) = whole_request(&buffer[..held])? {
            counts.holds();
            match manner {
                Manner::AtOnce => {}
                Manner::Late => tokio::time::sleep(LATE).await,
                Manner::Never => future::pending().await,
            }
            counts.answers();
            stream.write_all(REPLY).await?;
            buffer.copy_within(length..held, 0);
            held -= length;
        }
    }
}

/// The length of the request at the beginning of `bytes`, once all of it is there.
fn whole_request(bytes: &[u8]) -> io::Result<Option<usize>> {
    let Some(blank) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let length = blank + 4 + body_length(&bytes[..blank])?;
    Ok((bytes.len() >= length).then_some(length))
}

fn body_length(head: &[u8]) -> io::Result<usize> {
    let refused = |why| io::Error::new(io::ErrorKind::InvalidData, why);
    let head = str::from_utf8(head).map_err(|_| refused("the head is not text"))?;
    let mut headers = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = found.ok_or_else(|| refused("a request without content-length"))?;
    length.trim().parse().map_err(|_| refused("content-length is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";

    #[test]
    fn a_request_is_whole_with_its_last_byte() {
        for cut in 0..REQUEST.len() {
            assert_eq!(whole_request(&REQUEST[..cut]).unwrap(), None, "{cut} bytes");
        }
        assert_eq!(whole_request(REQUEST).unwrap(), Some(REQUEST.len()));
    }

    #[test]
    fn what_follows_a_request_is_left_alone() {
        let two = [REQUEST, REQUEST].concat();
        assert_eq!(whole_request(&two).unwrap(), Some(REQUEST.len()));
    }

    #[test]
    fn a_body_of_unknown_length_is_refused() {
        assert!(whole_request(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(whole_request(b"POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n").is_err());
    }
}
