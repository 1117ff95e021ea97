//! Shares of one transport: W2.

use std::sync::Arc;

use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};

use crate::bent::{Inner, good};
use crate::refused;

/// Two clients with a transport, which is to be shared.
struct Sharing(fn(&ScriptedSink, Setup) -> [Inner; 2]);

impl Harness for Sharing {
    type Sink = ScriptedSink;

    fn sink(&self) -> ScriptedSink {
        ScriptedSink::new()
    }

    fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Inner {
        good(sink, setup)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().answers().confirms_each().can_fail_start()
    }

    fn sharers(&self, sink: &ScriptedSink, setup: Setup) -> Option<[Inner; 2]> {
        Some((self.0)(sink, setup))
    }
}

refused!(
    w2_not_shared,
    W2,
    "starts of what two share",
    Sharing(|sink, _setup| [good(sink, Setup::default()), good(sink, Setup::default())])
);

refused!(
    w2_one_ends_both,
    W2,
    "accepted and delivered by the first",
    Sharing(|sink, setup| {
        let inner = good(sink, setup);
        [Arc::clone(&inner), inner]
    })
);
