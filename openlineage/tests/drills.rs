//! Programs that end or fork while a queue is busy that they reach through a composite, or through a share.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, LazyLock};

use openlineage::composite::{CompositeTransport, Retain, TransportCache};
use openlineage::config::TransportSpec;
use openlineage::http::AsyncHttpTransport;
use openlineage::queue::Limits;
use openlineage::registry;
use openlineage::transport::{Transport, TransportSource};
use openlineage_core::testkit::drills::Destination;
use serde_json::json;

/// A composite of one leg that queues.
struct Composite;

impl Destination for Composite {
    fn transport(&self, url: &str, limits: Limits) -> Arc<dyn Transport> {
        let leg = AsyncHttpTransport::builder(url).build_async(limits).unwrap();
        Arc::new(CompositeTransport::builder().leg(Arc::new(leg)).build())
    }
}

/// A share of a transport that queues, and that ends with it.
struct Share;

impl Destination for Share {
    fn transport(&self, url: &str, limits: Limits) -> Arc<dyn Transport> {
        static CACHE: LazyLock<TransportCache> = LazyLock::new(|| TransportCache::new(Retain::LastShare));
        let spec = json!({
            "type": "async_http", "url": url,
            "max_queue_size": limits.events, "max_concurrent_requests": limits.concurrent,
        });
        CACHE.get(&TransportSpec::from_json(&spec.to_string()).unwrap(), &registry()).unwrap()
    }
}

/// Those that apply to both. Not a parent with a full queue: what waits for room counts as accepted here.
macro_rules! drills {
    ($destination:ident $(, $more:ident)*) => {
        use super::$destination;

        openlineage_core::__openlineage_drills!(
            { $destination }
            a_return_through_a_guard_delivers
            a_return_without_a_guard_says_what_is_lost
            a_return_that_drops_nothing
            a_panic_through_a_guard_delivers
            an_exit_while_callers_wait
            an_exit_by_another_thread
            a_busy_parent
            a_parent_that_starts_and_ends_workers
            a_parent_that_closes
            a_child_of_a_child
            $($more)*
        );
    };
}

mod composite {
    // Not the limit of a guard: it warns of the leg as well.
    drills!(Composite);
}

mod share {
    drills!(Share, a_return_through_a_guard_keeps_its_limit);
}
