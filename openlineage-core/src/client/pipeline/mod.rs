//! What a client does to an event before it is encoded. Each stage is a module; all of them run on the client's own
//! copy.

mod datasets;
mod filters;
mod location;
mod tags;
mod variables;

use std::sync::Arc;

use self::datasets::Reducer;
use self::filters::Filters;
use self::location::Location;
use self::tags::Tags;
use self::variables::Variables;
use crate::config::{ConfigError, Environment, Settings};
use crate::error::EmitError;
use crate::event::{EncodedEvent, EventKind};
use crate::lifecycle::Deadline;
use crate::model::{Event, RunEvent};

/// The stages of one client.
#[derive(Debug)]
pub(super) struct Pipeline {
    filters: Filters,
    variables: Option<Variables>,
    tags: Tags,
    location: Option<Arc<Location>>,
    reducer: Option<Reducer>,
}

impl Pipeline {
    /// # Errors
    ///
    /// A filter cannot be used.
    pub(super) fn new(settings: &Settings, environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            filters: Filters::new(&settings.filters)?,
            variables: Variables::new(&settings.facets.environment_variables, environment),
            tags: Tags::new(&settings.tags.job, &settings.tags.run),
            location: Location::new(&settings.facets.source_code_location, environment),
            reducer: Reducer::new(&settings.dataset),
        })
    }

    /// Why an event is left out, if it is. Only runs are, by the name of their job.
    pub(super) fn leaves_out(&self, event: &Event) -> Option<String> {
        match event {
            Event::Run(event) => self.left_out(&event.job.name),
            Event::Job(_) | Event::Dataset(_) => None,
        }
    }

    /// The same of an event that is text.
    pub(super) fn leaves_out_text(&self, event: &EncodedEvent) -> Option<String> {
        match event.kind() {
            EventKind::Run => self.left_out(&event.job_name()?),
            EventKind::Job | EventKind::Dataset => None,
        }
    }

    /// The event with what is to be added. Copies it only where there is something to add and somebody else holds it.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` where the calling thread would wait for itself.
    pub(super) async fn enrich(&self, event: Event, until: Deadline) -> Result<Event, EmitError> {
        if let (Event::Run(_), Some(location)) = (&event, &self.location) {
            location.find(until).await?;
        }
        Ok(self.add(event))
    }

    /// The same without waiting: what has to be looked for first is left out, and there for a later event.
    pub(super) fn enrich_now(&self, event: Event) -> Event {
        if let (Event::Run(_), Some(location)) = (&event, &self.location) {
            location.find_meanwhile();
        }
        self.add(event)
    }

    fn add(&self, event: Event) -> Event {
        match event {
            Event::Run(mut event) => {
                self.run(Arc::make_mut(&mut event));
                Event::Run(event)
            }
            Event::Job(mut event) if self.tags.has_job() => {
                self.tags.job(&mut Arc::make_mut(&mut event).job.facets);
                Event::Job(event)
            }
            event @ (Event::Job(_) | Event::Dataset(_)) => event,
        }
    }

    /// In the order of the Python client, so that facets stand in the same order.
    fn run(&self, event: &mut RunEvent) {
        if let Some(variables) = &self.variables {
            variables.run(&mut event.run.facets);
        }
        self.tags.job(&mut event.job.facets);
        self.tags.run(&mut event.run.facets);
        if let Some(location) = &self.location {
            location.job(&mut event.job.facets);
        }
        if let Some(reducer) = &self.reducer {
            reducer.run(event);
        }
    }

    fn left_out(&self, job: &str) -> Option<String> {
        self.filters.hit(job).map(|number| format!("filters.{number} leaves out this job"))
    }
}
