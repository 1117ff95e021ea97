//! Writing of a typed event, with its head noted on the way.

use std::cell::Cell;

use bytes::Bytes;

use super::head::{Head, Span, check_length};
use super::{EncodedEvent, EventKind};
use crate::model::{
    DatasetEvent, Event, Extra, Facets, InputDataset, JobEvent, JobRef, ModelError, OutputDataset, Place, RunEvent,
    RunRef, Timestamp, Uri, producer, write,
};

/// A thread keeps no more than this, in bytes, between two events.
const KEPT: usize = 1 << 20;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

pub(super) fn event(event: &Event) -> Result<EncodedEvent, ModelError> {
    match event {
        Event::Run(event) => run_event(event),
        Event::Job(event) => job_event(event),
        Event::Dataset(event) => dataset_event(event),
    }
}

pub(super) fn run_event(event: &RunEvent) -> Result<EncodedEvent, ModelError> {
    encode(EventKind::Run, &event.producer, |writer, head| {
        if let Some(event_type) = event.event_type {
            writer.key("eventType");
            write::quoted(writer.out, event_type.as_str().as_bytes());
            head.event_type = Some(event_type);
        }
        writer.time(&event.event_time, head);
        writer.run(&event.run, head).map_err(|error| error.within("run"))?;
        writer.job(&event.job, head).map_err(|error| error.within("job"))?;
        writer.datasets("inputs", event.inputs.as_deref(), Writer::input)?;
        writer.datasets("outputs", event.outputs.as_deref(), Writer::output)?;
        writer.tail(&event.schema_url, &event.extra);
        Ok(())
    })
}

pub(super) fn job_event(event: &JobEvent) -> Result<EncodedEvent, ModelError> {
    encode(EventKind::Job, &event.producer, |writer, head| {
        writer.time(&event.event_time, head);
        writer.job(&event.job, head).map_err(|error| error.within("job"))?;
        writer.datasets("inputs", event.inputs.as_deref(), Writer::input)?;
        writer.datasets("outputs", event.outputs.as_deref(), Writer::output)?;
        writer.tail(&event.schema_url, &event.extra);
        Ok(())
    })
}

pub(super) fn dataset_event(event: &DatasetEvent) -> Result<EncodedEvent, ModelError> {
    encode(EventKind::Dataset, &event.producer, |writer, head| {
        writer.time(&event.event_time, head);
        let dataset = &event.dataset;
        writer.key("dataset");
        (head.dataset_namespace, head.dataset_name) = writer.name(&dataset.namespace, &dataset.name);
        writer.facets("facets", &dataset.facets).map_err(|error| error.within("dataset"))?;
        writer.close(&dataset.extra);
        writer.tail(&event.schema_url, &event.extra);
        Ok(())
    })
}

/// Runs `body` between the braces of an event and copies the text out, once and to size.
fn encode(
    kind: EventKind,
    producer: &Uri,
    body: impl FnOnce(&mut Writer<'_>, &mut Head) -> Result<(), ModelError>,
) -> Result<EncodedEvent, ModelError> {
    let _entered = producer::enter(producer);
    with_scratch(|out| {
        let mut head = Head::empty(kind);
        body(&mut Writer { out, producer: producer.as_str() }, &mut head)?;
        check_length(out)?;
        Ok(EncodedEvent::new(Bytes::copy_from_slice(out), head))
    })
}

/// The vector is taken away while it is used: a facet that encodes an event of its own finds, and leaves, another one.
fn with_scratch<T>(write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut out = SCRATCH.try_with(Cell::take).unwrap_or_default();
    out.clear();
    let result = write(&mut out);
    out.shrink_to(KEPT);
    // A thread that ends has no place to keep it.
    let _ = SCRATCH.try_with(|scratch| scratch.set(out));
    result
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    producer: &'a str,
}

impl Writer<'_> {
    fn time(&mut self, time: &Timestamp, head: &mut Head) {
        self.key("eventTime");
        head.event_time = self.string(time.as_str());
    }

    fn run(&mut self, run: &RunRef, head: &mut Head) -> Result<(), ModelError> {
        self.key("run");
        self.key("runId");
        let start = self.out.len();
        run.run_id.with_str(|text| write::quoted(self.out, text.as_bytes()));
        head.run_id = Span::new(start, self.out.len());
        head.parent = self.facets_noting("facets", &run.facets, "parent")?;
        self.close(&run.extra);
        Ok(())
    }

    fn job(&mut self, job: &JobRef, head: &mut Head) -> Result<(), ModelError> {
        self.key("job");
        (head.job_namespace, head.job_name) = self.name(&job.namespace, &job.name);
        head.job_type = self.facets_noting("facets", &job.facets, "jobType")?;
        self.close(&job.extra);
        Ok(())
    }

    fn datasets<D>(
        &mut self,
        key: &'static str,
        datasets: Option<&Vec<D>>,
        write: impl Fn(&mut Self, &D) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let Some(datasets) = datasets else { return Ok(()) };
        self.key(key);
        self.out.push(b'[');
        for (index, dataset) in datasets.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(self, dataset).map_err(|error| error.within(&index.to_string()).within(key))?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn input(&mut self, dataset: &InputDataset) -> Result<(), ModelError> {
        self.name(&dataset.namespace, &dataset.name);
        self.facets("facets", &dataset.facets)?;
        self.facets("inputFacets", &dataset.input_facets)?;
        self.close(&dataset.extra);
        Ok(())
    }

    fn output(&mut self, dataset: &OutputDataset) -> Result<(), ModelError> {
        self.name(&dataset.namespace, &dataset.name);
        self.facets("facets", &dataset.facets)?;
        self.facets("outputFacets", &dataset.output_facets)?;
        self.close(&dataset.extra);
        Ok(())
    }

    fn tail(&mut self, schema_url: &Uri, extra: &Extra) {
        self.key("producer");
        self.string(self.producer);
        self.key("schemaURL");
        self.string(schema_url.as_str());
        self.close(extra);
    }

    fn name(&mut self, namespace: &str, name: &str) -> (Span, Span) {
        self.key("namespace");
        let namespace = self.string(namespace);
        self.key("name");
        (namespace, self.string(name))
    }

    fn facets<P: Place>(&mut self, key: &'static str, facets: &Facets<P>) -> Result<(), ModelError> {
        self.facets_noting(key, facets, "").map(drop)
    }

    /// The same, and where the facet of this key stands.
    fn facets_noting<P: Place>(
        &mut self,
        key: &'static str,
        facets: &Facets<P>,
        noted: &str,
    ) -> Result<Span, ModelError> {
        if !facets.is_present() {
            return Ok(Span::NONE);
        }
        self.key(key);
        let place = facets.encode(self.producer, self.out, noted).map_err(|error| error.within(key))?;
        Ok(place.map_or(Span::NONE, |place| Span::new(place.start, place.end)))
    }

    /// Begins a field; the first one after a colon, a bracket or nothing opens the object that holds it.
    fn key(&mut self, key: &'static str) {
        let next = match self.out.last() {
            Some(b':' | b'[' | b',') | None => b'{',
            Some(_) => b',',
        };
        self.out.push(next);
        write::quoted(self.out, key.as_bytes());
        self.out.push(b':');
    }

    fn string(&mut self, text: &str) -> Span {
        let start = self.out.len();
        write::string(self.out, text);
        Span::new(start, self.out.len())
    }

    /// Ends an object that has a field already with the fields its type does not know.
    fn close(&mut self, extra: &Extra) {
        for (key, value) in extra.iter() {
            self.out.push(b',');
            write::string(self.out, key);
            self.out.push(b':');
            self.out.extend_from_slice(value.get().as_bytes());
        }
        self.out.push(b'}');
    }
}
