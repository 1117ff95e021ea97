//! What an event holds: its text in the form it came in, and what was asked of it so far.

use std::io;
use std::num::NonZeroU32;

use bytes::Bytes;
use once_cell::race::OnceBox;

use super::head::{self, Head};
use super::{EventKind, gzip};

pub(super) struct Inner {
    body: Bytes,
    origin: Origin,
    /// Gzip of a text, text of a gzip.
    other: OnceBox<Bytes>,
}

enum Origin {
    /// The body is the text.
    Made(Head),
    Restored(Form, OnceBox<Head>),
}

/// What has to be kept of an event beside its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) kind: EventKind,
    /// Length of the text of which the body is the gzip; `None` where the body is the text.
    pub(super) gzip_of: Option<NonZeroU32>,
}

impl Inner {
    pub(super) fn new(json: Bytes, head: Head) -> Self {
        Self { body: json, origin: Origin::Made(head), other: OnceBox::new() }
    }

    pub(super) fn restored(body: Bytes, form: Form) -> Self {
        let origin = Origin::Restored(form, OnceBox::new());
        Self { body, origin, other: OnceBox::new() }
    }

    pub(super) fn json(&self) -> &Bytes {
        match self.form().gzip_of {
            None => &self.body,
            // A gzip that we made can be read, so the default never comes up.
            Some(len) => self.other.get_or_init(|| {
                let json = gzip::unpack(&self.body, len.get() as usize);
                Box::new(json.unwrap_or_default())
            }),
        }
    }

    pub(super) fn json_len(&self) -> usize {
        self.form().gzip_of.map_or(self.body.len(), |len| len.get() as usize)
    }

    pub(super) fn gzip(&self) -> io::Result<&Bytes> {
        match self.form().gzip_of {
            None => self.other.get_or_try_init(|| gzip::pack(&self.body).map(Box::new)),
            Some(_) => Ok(&self.body),
        }
    }

    pub(super) fn is_gzipped(&self) -> bool {
        self.form().gzip_of.is_some() || self.other.get().is_some()
    }

    pub(super) fn form(&self) -> Form {
        match &self.origin {
            Origin::Made(head) => Form { kind: head.kind, gzip_of: None },
            Origin::Restored(form, _) => *form,
        }
    }

    pub(super) fn head(&self) -> &Head {
        match &self.origin {
            Origin::Made(head) => head,
            Origin::Restored(form, head) => head.get_or_init(|| Box::new(head::read_again(self.json(), form.kind))),
        }
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(super) fn into_body(self) -> Bytes {
        self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_costs_a_pointer() {
        assert!(size_of::<Inner>() <= 112, "{}", size_of::<Inner>());
    }

    #[test]
    fn nothing_is_unpacked_or_read_before_it_is_asked_for() {
        let json = r#"{"job":{"name":"daily"}}"#;
        let form = Form { kind: EventKind::Job, gzip_of: NonZeroU32::new(json.len() as u32) };
        let inner = Inner::restored(gzip::pack(json.as_bytes()).unwrap(), form);
        assert_eq!((inner.json_len(), inner.gzip().unwrap().as_ptr()), (json.len(), inner.body.as_ptr()));
        assert!(inner.other.get().is_none());
        assert_eq!(inner.json(), json);
        assert_eq!(inner.json().as_ptr(), inner.json().as_ptr());
        let Origin::Restored(_, head) = &inner.origin else { unreachable!() };
        assert!(head.get().is_none());
        assert_eq!(inner.head().kind, EventKind::Job);
        assert!(head.get().is_some());
    }

    #[test]
    fn a_body_that_cannot_be_read_is_an_event_without_a_head() {
        let form = Form { kind: EventKind::Job, gzip_of: NonZeroU32::new(7) };
        let inner = Inner::restored(Bytes::from_static(b"not gzip at all, by no means"), form);
        assert_eq!((inner.json().len(), inner.json_len(), inner.head().kind), (0, 7, EventKind::Job));
        assert_eq!(*inner.head(), Head::empty(EventKind::Job));
    }
}
