use std::time::Duration;

/// What the server does with one request.
#[must_use]
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) hold: Hold,
    pub(super) reset: bool,
    pub(super) close: bool,
    pub(super) unannounced: bool,
    pub(super) chunked: bool,
    pub(super) stall: bool,
}

/// How long an answer is held back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hold {
    No,
    For(Duration),
    UntilReleased,
}

impl Answer {
    /// This status, no body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            hold: Hold::No,
            reset: false,
            close: false,
            unannounced: false,
            chunked: false,
            stall: false,
        }
    }

    /// A redirect: this status and `Location`.
    pub fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self::status(status).header("Location", location)
    }

    /// Nothing until [`Server::release`](super::Server::release), then 201. Never, if the server is dropped first.
    pub fn hang() -> Self {
        Self::status(201).held()
    }

    /// 201 after this pause, or at once when released.
    pub fn slow(pause: Duration) -> Self {
        Self { hold: Hold::For(pause), ..Self::status(201) }
    }

    /// No answer: the connection is closed with the request unread, which resets it. Of the request only what had
    /// arrived is remembered.
    pub fn reset() -> Self {
        Self { reset: true, ..Self::status(0) }
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sends this body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the body as one chunk instead of with its length.
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Sends the head and nothing of the body until released.
    pub fn stalling(mut self) -> Self {
        self.stall = true;
        self
    }

    /// Holds the answer back until released.
    pub fn held(mut self) -> Self {
        self.hold = Hold::UntilReleased;
        self
    }

    /// Closes the connection after the answer.
    pub fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// Closes it without having said so in the answer.
    pub fn cutting(mut self) -> Self {
        (self.close, self.unannounced) = (true, true);
        self
    }
}
