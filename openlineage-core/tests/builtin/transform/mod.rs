mod code;
mod kit;
mod laws;
mod namespaces;
mod options;

use std::sync::Arc;

use openlineage_core::blocking;
use openlineage_core::builtin::Memory;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::transport::{Ack, Transport};

use super::long;

fn json(text: &str) -> EncodedEvent {
    EncodedEvent::from_json(text.to_owned()).unwrap()
}

/// What a child gets of an event with this text, as text.
fn through(transport: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>, text: &str) -> Result<String, EmitError> {
    let memory = Memory::new();
    let transport = transport(Arc::new(memory.transport()));
    assert!(matches!(blocking::emit(&transport, json(text), long())?, Ack::Delivered(_)));
    let arrived = memory.events();
    assert_eq!(arrived.len(), 1);
    Ok(String::from_utf8(arrived[0].bytes().to_vec()).unwrap())
}
