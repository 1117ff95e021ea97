//! Programs that end or fork while the queue is busy, by either route.

use std::sync::Arc;

use openlineage_core::queue::Limits;
use openlineage_core::testkit::drills::Destination;
use openlineage_core::transport::Transport;
use openlineage_transport_datadog::{DatadogTransport, Rules};

/// All events by the route that the rules choose.
struct Datadog(Rules);

impl Destination for Datadog {
    fn transport(&self, url: &str, limits: Limits) -> Arc<dyn Transport> {
        let builder = DatadogTransport::builder("s3cret").site(url).limits(limits);
        Arc::new(builder.rules(self.0.clone()).build().unwrap())
    }
}

mod queued {
    use super::*;

    openlineage_core::drills!(Datadog(Rules::all()));
}

mod confirmed {
    use super::*;

    openlineage_core::drills!(Datadog(Rules::none()));
}
