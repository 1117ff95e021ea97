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
        Ok(Raw { address, pair, stream: None, body: Vec::new(), request: Vec::new(), reply: [0; 512] })
    })
}

/// One caller and its connection, made with its first event.
#[derive(Debug)]
pub(crate) struct Raw {
    address: SocketAddr,
    pair: [Event; 2],
    stream: Option<TcpStream>,
    body: Vec<u8>,
    request: Vec<u8>,
    reply: [u8; 512],
}

impl Caller for Raw {
    async fn emit(&mut self, place: Place) -> Result<()> {
        self.write_request(place)?;
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(connect(self.address).await?),
        };
        stream.write_all(&self.request).await.context("cannot write a request")?;
        read_reply(stream, &mut self.reply).await
    }
}

impl Raw {
    fn write_request(&mut self, place: Place) -> Result<()> {
        let Self { address, pair, body, request, .. } = self;
        body.clear();
        request.clear();
        serde_json::to_writer(&mut *body, &pair[place as usize])?;
        write!(request, "POST /api/v1/lineage HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n")?;
        write!(request, "content-length: {}\r\n\r\n", body.len())?;
        request.extend_from_slice(body);
        Ok(())
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await.context("cannot connect to the sink")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The sink's reply is a head and no body.
async fn read_reply(stream: &mut TcpStream, reply: &mut [u8]) -> Result<()> {
    let mut held = 0;
    while !reply[..held].ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut reply[held..]).await.context("cannot read a reply")?;
        ensure!(read > 0, "the connection ended within a reply");
        held += read;
    }
    ensure!(reply.starts_with(b"HTTP/1.1 201 "), "the sink answered something else than 201");
    Ok(())
}
