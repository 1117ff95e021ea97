//! Programs that end or fork while the queue is busy.

use std::sync::Arc;

use openlineage_core::queue::Limits;
use openlineage_core::testkit::drills::Destination;
use openlineage_core::transport::Transport;
use openlineage_transport_http::AsyncHttpTransport;

struct AsyncHttp;

impl Destination for AsyncHttp {
    fn transport(&self, url: &str, limits: Limits) -> Arc<dyn Transport> {
        Arc::new(AsyncHttpTransport::builder(url).build_async(limits).unwrap())
    }
}

openlineage_core::drills!(AsyncHttp);
