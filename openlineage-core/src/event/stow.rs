//! An event at rest: as little as it can be made again from.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;

use super::inner::{Form, Inner};
use super::{EncodedEvent, EventKind, gzip};

/// An event that waits: its text or the gzip of it, and nothing that can be found in there.
///
/// Where nobody else holds the event, one buffer of exactly that size is all that it keeps allocated. A text that is
/// shared, with a clone of the event or as a piece of a larger buffer, stays shared.
pub(crate) struct Stowed {
    body: Bytes,
    form: Form,
}

impl EncodedEvent {
    /// Takes the event apart for a wait. With `compress` its gzip is kept in place of its text, unless that would be
    /// [slow](Self::gzip_is_slow) to make; what is gzip already stays so either way.
    pub(crate) fn stow(self, compress: bool) -> Stowed {
        let compress = compress && !self.gzip_is_slow();
        let form = self.0.form();
        let packed = if compress && form.gzip_of.is_none() { self.packed() } else { None };
        match packed {
            Some(body) => Stowed { body, form: Form { gzip_of: NonZeroU32::new(self.len() as u32), ..form } },
            None => Stowed { body: self.into_body(), form },
        }
    }

    /// The gzip, kept in the event as well only where somebody else may ask for it.
    fn packed(&self) -> Option<Bytes> {
        if self.0.is_gzipped() || Arc::strong_count(&self.0) > 1 {
            return self.gzip().ok();
        }
        gzip::pack(self.0.body()).ok()
    }

    fn into_body(self) -> Bytes {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.body().clone(), |inner| to_size(inner.into_body()))
    }
}

impl Stowed {
    /// The event again. Nothing is read or decompressed before it is asked for.
    pub(crate) fn event(self) -> EncodedEvent {
        EncodedEvent(Arc::new(Inner::restored(self.body, self.form)))
    }

    /// Length in bytes of what is kept.
    pub(crate) fn len(&self) -> usize {
        self.body.len()
    }

    /// Length of the event's text in bytes.
    pub(crate) fn json_len(&self) -> usize {
        self.form.gzip_of.map_or(self.body.len(), |len| len.get() as usize)
    }

    pub(crate) fn kind(&self) -> EventKind {
        self.form.kind
    }
}

impl fmt::Debug for Stowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the text: what facets hold may be secret or long.
        f.debug_struct("Stowed")
            .field("kind", &self.kind())
            .field("len", &self.len())
            .field("json_len", &self.json_len())
            .finish()
    }
}

/// Without room behind the text, and without the block that counts references where there is only one. The buffer is
/// made anew only where it had room.
fn to_size(body: Bytes) -> Bytes {
    match body.try_into_mut() {
        Ok(own) if own.capacity() == own.len() => own.freeze(),
        Ok(own) => Bytes::copy_from_slice(&own),
        Err(shared) => shared,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{DatasetEvent, JobEvent, JobRef, RunEvent, RunId, RunRef, StaticDataset, Uri};

    const JOB: &str = r#"{"job":{"namespace":"warehouse","name":"daily"},"eventTime":"2024-05-01T12:00:00Z"}"#;

    fn event() -> EncodedEvent {
        EncodedEvent::from_json(Bytes::copy_from_slice(JOB.as_bytes())).unwrap()
    }

    #[test]
    fn a_stowed_event_is_small() {
        assert!(size_of::<Stowed>() <= 40, "{}", size_of::<Stowed>());
    }

    #[test]
    fn the_text_moves_where_nobody_shares_it() {
        let event = event();
        let text = event.bytes().as_ptr();
        let stowed = event.stow(false);
        assert_eq!((stowed.body.as_ptr(), stowed.body.is_unique()), (text, true));
        assert_eq!((stowed.len(), stowed.json_len(), stowed.kind()), (JOB.len(), JOB.len(), EventKind::Job));
        assert_eq!(stowed.event().bytes().as_ptr(), text);
    }

    #[test]
    fn the_text_stays_shared_where_it_was() {
        let event = event();
        let stowed = event.clone().stow(false);
        assert_eq!(stowed.body.as_ptr(), event.bytes().as_ptr());
        drop(event);
        assert_eq!(stowed.event().bytes(), JOB);
    }

    #[test]
    fn room_behind_the_text_is_given_back() {
        let mut roomy = String::with_capacity(10 * JOB.len());
        roomy.push_str(JOB);
        let stowed = EncodedEvent::from_json(roomy).unwrap().stow(false);
        let own = stowed.body.try_into_mut().unwrap();
        assert_eq!((own.capacity(), &own[..]), (JOB.len(), JOB.as_bytes()));
    }

    #[test]
    fn the_gzip_of_an_event_is_made_once_and_shared() {
        let event = event();
        assert!(!event.0.is_gzipped());
        let stowed = event.clone().stow(true);
        let packed = event.gzip().unwrap();
        assert_eq!(stowed.body.as_ptr(), packed.as_ptr());
        assert_eq!((stowed.len(), stowed.json_len()), (packed.len(), JOB.len()));
        let again = stowed.event();
        assert_eq!(again.clone().gzip().unwrap().as_ptr(), packed.as_ptr());
        assert_eq!(again.clone().stow(false).body.as_ptr(), packed.as_ptr());
        assert_eq!(event.stow(true).body.as_ptr(), packed.as_ptr());
    }

    #[test]
    fn a_large_text_is_packed_by_those_who_may_take_their_time() {
        let json = format!(r#"{{"job":{{"name":"{}"}}}}"#, "a".repeat(gzip::SLOW));
        let event = EncodedEvent::from_json(json.clone()).unwrap();
        assert!(event.gzip_is_slow());
        assert_eq!(event.clone().stow(true).len(), json.len());
        let packed = event.gzip().unwrap();
        assert!(!event.gzip_is_slow());
        let stowed = event.stow(true);
        assert_eq!(stowed.body.as_ptr(), packed.as_ptr());
        assert!(!stowed.event().gzip_is_slow());
    }

    #[test]
    fn debug_shows_no_text() {
        let shown = format!("{:?}", event().stow(false));
        assert!(shown.contains("Job") && !shown.contains("warehouse"), "{shown}");
    }

    #[test]
    fn the_kind_stays_what_it_was_written_as() {
        let mut made = JobEvent::of(JobRef::new("n", "j")).build(&Uri::from_static("p"));
        made.extra.insert("run", &serde_json::json!({ "runId": "r" })).unwrap();
        let again = made.encode().unwrap().stow(true).event();
        assert_eq!((again.kind(), again.run_id(), again.job_name().as_deref()), (EventKind::Job, None, Some("j")));
    }

    fn typed(kind: EventKind, names: &[String; 2]) -> EncodedEvent {
        let [namespace, name] = names;
        let (job, producer) = (JobRef::new(namespace, name), Uri::from_static("p"));
        match kind {
            EventKind::Run => RunEvent::start(RunRef::new(RunId::new()), job).build(&producer).encode(),
            EventKind::Job => JobEvent::of(job).build(&producer).encode(),
            EventKind::Dataset => DatasetEvent::of(StaticDataset::new(namespace, name)).build(&producer).encode(),
        }
        .unwrap()
    }

    /// Text with the facets that routing looks for, and spaces.
    fn written(kind: EventKind, names: &[String; 2]) -> EncodedEvent {
        let [namespace, name] = names;
        let named = serde_json::json!({ "namespace": namespace, "name": name });
        let job = serde_json::json!({ "namespace": namespace, "name": name,
            "facets": { "jobType": { "integration": name, "jobType": namespace } } });
        let parent = serde_json::json!({ "job": named, "root": { "job": named } });
        let json = match kind {
            EventKind::Run => serde_json::json!({ "eventType": "FAIL", "eventTime": name,
                "run": { "runId": name, "facets": { "parent": parent } }, "job": job }),
            EventKind::Job => serde_json::json!({ "job": job }),
            EventKind::Dataset => serde_json::json!({ "dataset": named }),
        };
        EncodedEvent::from_json(serde_json::to_string_pretty(&json).unwrap()).unwrap()
    }

    fn unpacked(packed: &[u8]) -> Vec<u8> {
        let mut json = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut json).unwrap();
        json
    }

    proptest! {
        #[test]
        fn an_event_comes_back_as_it_was(
            names in any::<[String; 2]>(), kind in prop::sample::select(vec![EventKind::Run, EventKind::Job, EventKind::Dataset]),
            is_typed in any::<bool>(), compress in any::<bool>(), keep in any::<bool>(), twice in any::<bool>(),
        ) {
            let event = if is_typed { typed(kind, &names) } else { written(kind, &names) };
            // An event of its own to compare with, so that none shares with the other unless `keep` says so.
            let before = EncodedEvent::new(Bytes::copy_from_slice(event.bytes()), *event.0.head());
            let _kept = keep.then(|| event.clone());
            let mut stowed = event.stow(compress);
            if twice {
                stowed = stowed.event().stow(compress);
            }
            prop_assert_eq!(stowed.len(), if compress { before.gzip().unwrap().len() } else { before.len() });
            prop_assert_eq!((stowed.json_len(), stowed.kind()), (before.len(), kind));
            let after = stowed.event();
            prop_assert_eq!((after.kind(), after.len(), after.lane()), (kind, before.len(), before.lane()));
            prop_assert_eq!(after.0.head(), before.0.head());
            prop_assert_eq!(after.bytes(), before.bytes());
            prop_assert_eq!(&after.gzip().unwrap(), &before.gzip().unwrap());
            prop_assert_eq!(unpacked(&after.gzip().unwrap()), &before.bytes()[..]);
            prop_assert_eq!((after.parent_job(), after.root_parent_job()), (before.parent_job(), before.root_parent_job()));
            prop_assert_eq!((after.job_type(), after.event_type()), (before.job_type(), before.event_type()));
            prop_assert_eq!(format!("{after:?}"), format!("{before:?}"));
        }
    }
}
