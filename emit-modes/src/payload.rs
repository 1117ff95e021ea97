use openlineage_core::event::EncodedEvent;
use openlineage_core::model::{DatasetEvent, Event, JobEvent, RunEvent};

/// An event as a host has it. Every kind of event turns into one by itself.
#[expect(clippy::exhaustive_enums, reason = "an event is a value or text")]
#[derive(Clone, Debug)]
pub enum Payload {
    /// A value: filters, facets and tags of the client apply, as for [`Client::emit`](openlineage_core::client::Client::emit).
    Typed(Event),
    /// Text: filters apply, and it goes out byte for byte, as for
    /// [`Client::forward`](openlineage_core::client::Client::forward).
    Text(EncodedEvent),
}

impl Payload {
    /// What it keeps its order with.
    pub(crate) fn lane(&self) -> u128 {
        match self {
            Self::Typed(event) => event.lane(),
            Self::Text(event) => event.lane(),
        }
    }
}

impl From<EncodedEvent> for Payload {
    fn from(event: EncodedEvent) -> Self {
        Self::Text(event)
    }
}

macro_rules! typed {
    ($($Event:ty)*) => {$(
        impl From<$Event> for Payload {
            fn from(event: $Event) -> Self {
                Self::Typed(event.into())
            }
        }
    )*};
}

typed! { Event RunEvent JobEvent DatasetEvent }
