//! Hands a record to librdkafka, and lends it the payload instead of having it copied.
#![expect(unsafe_code, reason = "the crate's own producer copies every payload; the argument stands at each call")]

use std::ffi::CStr;

use rdkafka::bindings::rd_kafka_producev;
use rdkafka::bindings::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
use rdkafka::bindings::rd_kafka_vtype_t::{
    RD_KAFKA_VTYPE_END, RD_KAFKA_VTYPE_HEADER, RD_KAFKA_VTYPE_KEY, RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_VTYPE_OPAQUE,
    RD_KAFKA_VTYPE_PARTITION, RD_KAFKA_VTYPE_TIMESTAMP, RD_KAFKA_VTYPE_TOPIC, RD_KAFKA_VTYPE_VALUE,
};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, Producer};
use rdkafka::util::IntoOpaque;

use crate::context::Context;
use crate::record::{CONTENT_TYPE, IDEMPOTENCY_KEY, JSON, Record};

/// Neither copied nor freed by librdkafka.
const LENT: i32 = 0;

/// Leaves the partition to librdkafka.
const ANY_PARTITION: i32 = -1;

/// Stands for the time of sending.
const NOW: i64 = 0;

/// Puts the record into librdkafka's queue. From there it comes to the context, with what became of it; where it does not
/// get into the queue, it is gone and the error says why.
///
/// Does not wait.
pub(crate) fn produce(producer: &BaseProducer<Context>, topic: &CStr, record: Box<Record>) -> Result<(), KafkaError> {
    let client = producer.client().native_ptr();
    let opaque = record.into_ptr();
    // SAFETY: it was a box a moment ago, and nobody else knows the pointer yet.
    let lent = unsafe { &*opaque.cast_const().cast::<Record>() };
    let (payload, key, idempotency_key) = (lent.event.bytes(), lent.key.as_bytes(), &lent.idempotency_key);
    // SAFETY: the client lives as long as the producer that is borrowed. The types and the order of the arguments are
    // those that librdkafka reads after each tag. The topic, the key and the headers it copies before it returns. The
    // payload it reads until it reports the record, which is when the box that owns the payload comes back; a record that
    // is never reported is never freed. Nothing of `lent` is read after the call, because by then another thread may have
    // got the box.
    let answer = unsafe {
        rd_kafka_producev(
            client,
            RD_KAFKA_VTYPE_TOPIC,
            topic.as_ptr(),
            RD_KAFKA_VTYPE_PARTITION,
            ANY_PARTITION,
            RD_KAFKA_VTYPE_MSGFLAGS,
            LENT,
            RD_KAFKA_VTYPE_VALUE,
            payload.as_ptr(),
            payload.len(),
            RD_KAFKA_VTYPE_KEY,
            key.as_ptr(),
            key.len(),
            RD_KAFKA_VTYPE_OPAQUE,
            opaque,
            RD_KAFKA_VTYPE_TIMESTAMP,
            lent.timestamp.unwrap_or(NOW),
            RD_KAFKA_VTYPE_HEADER,
            CONTENT_TYPE.as_ptr(),
            JSON.as_ptr(),
            JSON.len(),
            RD_KAFKA_VTYPE_HEADER,
            IDEMPOTENCY_KEY.as_ptr(),
            idempotency_key.as_ptr(),
            idempotency_key.len(),
            RD_KAFKA_VTYPE_END,
        )
    };
    if answer == RD_KAFKA_RESP_ERR_NO_ERROR {
        return Ok(());
    }
    // SAFETY: librdkafka forgets a record that it has not taken, so the pointer is used for nothing else.
    drop(unsafe { Box::<Record>::from_ptr(opaque) });
    Err(KafkaError::MessageProduction(answer.into()))
}
