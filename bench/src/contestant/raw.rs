//! Raw sockets, the bound: one connection a caller, the request written by hand.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::tasks::{Caller, Place, Tasks};
use crate::events::Event;

/// Raw sockets to `address`.
pub(crate) fn contestant(address: SocketAddr) -> Result<Tasks<Raw>> {
    Tasks::new(move |number| {
        let pair = Event::pair(number);
        Ok(Raw { address, pair, stream: None, request: Request::default(), reply: [0; REPLY_ROOM] })
    })
}

/// One caller and its connection, made with its first event.
#[derive(Debug)]
pub(crate) struct Raw {
    address: SocketAddr,
    pair: [Event; 2],
    stream: Option<TcpStream>,
    request: Request,
    reply: [u8; REPLY_ROOM],
}

/// More than the sink's reply takes.
pub(crate) const REPLY_ROOM: usize = 512;

/// A request, written into memory that is kept from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Request {
    body: Vec<u8>,
    text: Vec<u8>,
}

impl Caller for Raw {
    async fn emit(&mut self, place: Place) -> Result<()> {
        let request = self.request.write(self.address, &self.pair[place as usize])?;
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(connect(self.address).await?),
        };
        stream.write_all(request).await.context("cannot write a request")?;
        read_reply(stream, &mut self.reply).await
    }
}

impl Request {
    /// The bytes that post `event` to `address`.
    pub(crate) fn write(&mut self, address: SocketAddr, event: &Event) -> Result<&[u8]> {
        let Self { body, text } = self;
        body.clear();
        text.clear();
        serde_json::to_writer(&mut *body, event)?;
        write!(text, "POST /api/v1/lineage HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n")?;
        write!(text, "content-length: {}\r\n\r\n", body.len())?;
        text.extend_from_slice(body);
        Ok(text)
    }
}

/// The sink's reply is a head and no body: whether it has arrived; another one than 201 is an error.
pub(crate) fn is_whole(reply: &[u8]) -> Result<bool> {
    let whole = reply.ends_with(b"\r\n\r\n");
    ensure!(!whole || reply.starts_with(b"HTTP/1.1 201 "), "the sink answered something else than 201");
    Ok(whole)
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await.context("cannot connect to the sink")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn read_reply(stream: &mut TcpStream, reply: &mut [u8]) -> Result<()> {
    let mut held = 0;
    while !is_whole(&reply[..held])? {
        let read = stream.read(&mut reply[held..]).await.context("cannot read a reply")?;
        ensure!(read > 0, "the connection ended within a reply");
        held += read;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_whole_with_its_blank_line() {
        let reply = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
        assert!(is_whole(reply).unwrap());
        assert!(!is_whole(&reply[..reply.len() - 1]).unwrap() && !is_whole(b"").unwrap());
        assert!(is_whole(b"HTTP/1.1 500 No\r\n\r\n").is_err());
    }
}
