//! What routing needs to know of an event, as places in its text.

use crate::model::{EventType, ModelError, scan};

use super::EventKind;

/// A piece of the event's text, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) const NONE: Self = Self { start: u32::MAX, end: u32::MAX };

    /// Offsets beyond 4 GiB wrap here; [`check_length`] refuses such an event as a whole.
    pub(super) const fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// Where `part`, which is a piece of `whole`, stands in it.
    pub(super) fn of(whole: &[u8], part: Option<&str>) -> Self {
        part.map_or(Self::NONE, |part| {
            let start = part.as_ptr() as usize - whole.as_ptr() as usize;
            Self::new(start, start + part.len())
        })
    }

    pub(super) fn bytes(self, whole: &[u8]) -> Option<&[u8]> {
        whole.get(self.start as usize..self.end as usize)
    }

    pub(super) fn text(self, whole: &[u8]) -> Option<&str> {
        std::str::from_utf8(self.bytes(whole)?).ok()
    }
}

/// Strings are held with their quotes, facets as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(super) kind: EventKind,
    pub(super) event_type: Option<EventType>,
    pub(super) event_time: Span,
    pub(super) run_id: Span,
    /// The facet `parent` of the run.
    pub(super) parent: Span,
    pub(super) job_namespace: Span,
    pub(super) job_name: Span,
    /// The facet `jobType` of the job.
    pub(super) job_type: Span,
    pub(super) dataset_namespace: Span,
    pub(super) dataset_name: Span,
}

impl Head {
    pub(super) const fn empty(kind: EventKind) -> Self {
        Self {
            kind,
            event_type: None,
            event_time: Span::NONE,
            run_id: Span::NONE,
            parent: Span::NONE,
            job_namespace: Span::NONE,
            job_name: Span::NONE,
            job_type: Span::NONE,
            dataset_namespace: Span::NONE,
            dataset_name: Span::NONE,
        }
    }

    pub(crate) const fn kind(&self) -> EventKind {
        self.kind
    }
}

/// Reads the head of an event's text; what comes back is all of `json`.
///
/// # Errors
/// Where it is not one JSON object of UTF-8 text below 4 GiB, or of none of the three kinds.
pub(crate) fn read_head(json: &[u8]) -> Result<(&str, Head), ModelError> {
    read(json, None)
}

/// Reads the head of a text that was an event of this kind before, and so can be read; else there is nothing in it.
pub(super) fn read_again(json: &[u8], kind: EventKind) -> Head {
    read(json, Some(kind)).map_or(Head::empty(kind), |(_, head)| head)
}

fn read(json: &[u8], kind: Option<EventKind>) -> Result<(&str, Head), ModelError> {
    let text = utf8(json)?;
    check_length(json)?;
    let fields = ["eventType", "eventTime", "run", "job", "dataset", "schemaURL"];
    let fields = scan::pick(text, fields).map_err(|error| ModelError::from_scan(&error))?;
    let [event_type, event_time, run, job, dataset, schema_url] = fields;
    let told = || kind_of(object(run), object(job), object(dataset), schema_url);
    let kind = kind.map_or_else(told, Ok)?;
    let span = |token: Option<&str>| Span::of(json, token.filter(|token| token.starts_with('"')));
    let mut head = Head { event_time: span(event_time), ..Head::empty(kind) };
    if kind == EventKind::Run {
        let [run_id, parent] = scan::pick_paths(run, [&["runId"], &["facets", "parent"]]);
        head.event_type = event_type.and_then(scan::string).and_then(|text| EventType::from_text(&text));
        (head.run_id, head.parent) = (span(run_id), Span::of(json, parent));
    }
    if kind == EventKind::Dataset {
        let [namespace, name] = scan::pick_within(dataset, ["namespace", "name"]);
        (head.dataset_namespace, head.dataset_name) = (span(namespace), span(name));
    } else {
        let paths: [&[&str]; 3] = [&["namespace"], &["name"], &["facets", "jobType"]];
        let [namespace, name, job_type] = scan::pick_paths(job, paths);
        (head.job_namespace, head.job_name, head.job_type) = (span(namespace), span(name), Span::of(json, job_type));
    }
    Ok((text, head))
}

/// The text of `json`.
pub(crate) fn utf8(json: &[u8]) -> Result<&str, ModelError> {
    std::str::from_utf8(json)
        .map_err(|error| ModelError::new("", format!("the text is not UTF-8 at byte {}", error.valid_up_to())))
}

/// Refuses what [`Span`] cannot point into.
pub(super) fn check_length(json: &[u8]) -> Result<(), ModelError> {
    if json.len() < u32::MAX as usize {
        return Ok(());
    }
    Err(ModelError::new("", "the event is larger than 4 GiB"))
}

fn object(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with('{'))
}

/// The structure decides; the schema's name only where two structures are there at once.
fn kind_of(run: bool, job: bool, dataset: bool, schema_url: Option<&str>) -> Result<EventKind, ModelError> {
    match (run, job, dataset) {
        (true, true, _) => Ok(EventKind::Run),
        (false, true, false) => Ok(EventKind::Job),
        (_, false, true) => Ok(EventKind::Dataset),
        (false, true, true) => {
            let url = schema_url.and_then(scan::string).unwrap_or_default();
            Ok(if url.ends_with("/DatasetEvent") { EventKind::Dataset } else { EventKind::Job })
        }
        (true, false, false) => Err(ModelError::new("", "the run event has no object `job`")),
        (false, false, false) => {
            Err(ModelError::new("", "the event has none of the objects `run` with `job`, `job`, and `dataset`"))
        }
    }
}
