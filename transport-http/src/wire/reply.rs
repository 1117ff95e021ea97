use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use openlineage_core::error::BoxError;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::sockets::Requesting;

/// The head of an answer, and its body as it comes.
pub(crate) struct Reply {
    response: Response<Rest>,
    _requesting: Option<Requesting>,
}

/// A body from either client.
enum Rest {
    Direct(Incoming),
    Proxied(reqwest::Body),
}

impl Reply {
    pub(super) fn direct(response: Response<Incoming>, requesting: Requesting) -> Self {
        Self { response: response.map(Rest::Direct), _requesting: Some(requesting) }
    }

    pub(super) fn proxied(response: reqwest::Response) -> Self {
        Self { response: Response::from(response).map(Rest::Proxied), _requesting: None }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Is it known that there is no body, or no more of it?
    pub(crate) fn is_at_end(&self) -> bool {
        self.response.body().is_end_stream()
    }

    /// The next piece of the body, `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, BoxError> {
        while let Some(frame) = self.response.body_mut().frame().await {
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl Body for Rest {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            Self::Direct(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Proxied(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Direct(body) => body.is_end_stream(),
            Self::Proxied(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Direct(body) => body.size_hint(),
            Self::Proxied(body) => body.size_hint(),
        }
    }
}
