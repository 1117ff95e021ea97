use std::io::{self, BufRead, Read};
use std::time::Instant;

/// Largest body that is read.
const MOST: u64 = 64 * 1024 * 1024;

/// A request as it arrived.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Request {
    /// `POST`, as a rule.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names as they were written, and values, in their order.
    pub headers: Vec<(String, String)>,
    /// The body as it was sent, compressed if it was.
    pub body: Vec<u8>,
    /// When all of it had been read.
    pub at: Instant,
    /// Number of the connection it came on, from 1.
    pub connection: u64,
}

impl Request {
    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Reads one request. `None` where the connection ends before one begins.
    pub(super) fn read(from: &mut impl BufRead, connection: u64) -> io::Result<Option<Self>> {
        let Some(mut request) = Self::read_head(from, connection)? else { return Ok(None) };
        if request.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            request.body = chunks(from)?;
        } else if let Some(length) = request.header("content-length") {
            request.body = exactly(from, length.parse().map_err(|_| bad("length"))?)?;
        }
        request.at = Instant::now();
        Ok(Some(request))
    }

    /// Reads what has arrived of a request that will not be answered.
    pub(super) fn read_part(mut from: &[u8], connection: u64) -> Option<Self> {
        let mut request = Self::read_head(&mut from, connection).ok()??;
        request.body = from.to_vec();
        Some(request)
    }

    fn read_head(from: &mut impl BufRead, connection: u64) -> io::Result<Option<Self>> {
        let start = line(from)?;
        if start.is_empty() {
            return Ok(None);
        }
        let mut words = start.split(' ');
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return Err(bad("request line")) };
        let (method, path) = (method.to_owned(), path.to_owned());
        let mut headers = Vec::new();
        loop {
            let line = line(from)?;
            if line.is_empty() {
                let (body, at) = (Vec::new(), Instant::now());
                return Ok(Some(Self { method, path, headers, body, at, connection }));
            }
            let (name, value) = line.split_once(':').ok_or_else(|| bad("header"))?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("bad {what}"))
}

/// A line without its end; empty at the end of the stream too.
fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.read_until(b'\n', &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
}

fn exactly(from: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    if length > MOST {
        return Err(bad("length"));
    }
    let mut body = Vec::new();
    from.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(body) }
}

fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let head = line(from)?;
        let size = head.split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size.trim(), 16).map_err(|_| bad("chunk"))?;
        body.extend(exactly(from, size)?);
        line(from)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
