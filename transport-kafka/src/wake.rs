//! Hears from librdkafka that there is something to serve, instead of asking it again and again.
#![expect(unsafe_code, reason = "the crate has no safe way to be told of events; the argument stands at each call")]

use std::os::raw::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

use rdkafka::bindings::{
    rd_kafka_queue_cb_event_enable, rd_kafka_queue_destroy, rd_kafka_queue_get_main, rd_kafka_queue_length,
    rd_kafka_queue_t, rd_kafka_t,
};
use tokio::sync::Notify;

/// Tells `Notify` whenever the main queue of a client was empty and is not any more.
///
/// Must be dropped before the client.
pub(crate) struct Wake {
    queue: NonNull<rd_kafka_queue_t>,
    /// The callback has a pointer to what is in it.
    told: Arc<Notify>,
}

// SAFETY: librdkafka's queues may be used from any thread, and `Notify` is `Send` and `Sync`.
unsafe impl Send for Wake {}
// SAFETY: as above; nothing here is changed but behind the queue's own lock.
unsafe impl Sync for Wake {}

impl Wake {
    /// `None` without a client, or where memory is used up.
    pub(crate) fn enable(client: *mut rd_kafka_t, told: Arc<Notify>) -> Option<Self> {
        if client.is_null() {
            return None;
        }
        // SAFETY: the pointer is not null, and the caller has it from a client that it keeps. The queue that comes back
        // is a reference of its own, given back in `drop`.
        let queue = NonNull::new(unsafe { rd_kafka_queue_get_main(client) })?;
        let wake = Self { queue, told };
        let opaque = Arc::as_ptr(&wake.told).cast_mut().cast::<c_void>();
        // SAFETY: the queue is alive. The callback gets the pointer to the `Notify` until `drop` takes it away again,
        // and `told` keeps that alive for longer.
        unsafe { rd_kafka_queue_cb_event_enable(wake.queue.as_ptr(), Some(tell), opaque) };
        Some(wake)
    }

    /// How many events there are to serve.
    pub(crate) fn len(&self) -> usize {
        // SAFETY: the queue is alive until `drop`.
        unsafe { rd_kafka_queue_length(self.queue.as_ptr()) }
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        // SAFETY: the queue is alive. librdkafka calls back and takes the callback away under the same lock of the queue,
        // so no call is under way when this returns, and none comes later.
        unsafe { rd_kafka_queue_cb_event_enable(self.queue.as_ptr(), None, std::ptr::null_mut()) };
        // SAFETY: gives back the reference from `enable`, once; nobody uses it afterwards.
        unsafe { rd_kafka_queue_destroy(self.queue.as_ptr()) };
    }
}

/// Called by librdkafka, with the lock of the queue held: must neither block nor unwind, nor call librdkafka.
extern "C" fn tell(_client: *mut rd_kafka_t, told: *mut c_void) {
    // SAFETY: the pointer that `enable` handed over; `drop` keeps the `Notify` alive until no call can come any more.
    let told = unsafe { &*told.cast_const().cast::<Notify>() };
    told.notify_one();
}
