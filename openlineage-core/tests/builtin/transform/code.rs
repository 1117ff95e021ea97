//! Transformers that are code.

use std::error::Error;
use std::panic::resume_unwind;
use std::sync::Arc;

use openlineage_core::blocking;
use openlineage_core::builtin::{Memory, Transform};
use openlineage_core::error::{BoxError, EmitErrorKind, Sent};
use openlineage_core::lifecycle::{Ended, State};
use openlineage_core::model::Event;
use openlineage_core::transport::{Ack, Transport};

use super::json;
use crate::{event, long};

/// By the number of the run: 1 is dropped, 2 is an error, 3 panics, 4 is changed, all others stay.
fn picky(event: Event) -> Result<Option<Event>, BoxError> {
    let Event::Run(mut run) = event else { return Ok(Some(event)) };
    match run.run.run_id.as_uuid().as_u128() & 0xf {
        1 => Ok(None),
        2 => Err("no tenant for this job".into()),
        3 => resume_unwind(Box::new("out of luck")),
        4 => {
            Arc::make_mut(&mut run).job.name.push_str("-changed");
            Ok(Some(run.into()))
        }
        _ => Ok(Some(run.into())),
    }
}

#[test]
fn each_verdict_has_its_fate_and_is_counted_once() {
    let memory = Memory::new();
    let transport = Transform::new(Arc::new(memory.transport()), picky);
    let emit = |number| blocking::emit(&transport, event(number), long());

    assert!(matches!(emit(1).unwrap(), Ack::Skipped(why) if why == "the transformer dropped the event"));
    let error = emit(2).unwrap_err();
    assert_eq!((error.kind(), error.sent(), error.accepted()), (&EmitErrorKind::Encode, Sent::No, false));
    assert_eq!(error.to_string(), "transform: event could not be encoded");
    assert_eq!(error.source().unwrap().to_string(), "no tenant for this job");
    let error = emit(3).unwrap_err();
    assert_eq!((error.kind(), error.sent(), error.accepted()), (&EmitErrorKind::Faulted, Sent::No, false));
    assert_eq!(error.source().unwrap().to_string(), "out of luck");
    assert_eq!(transport.state(), State::New, "the child has not seen any of these");
    assert!(matches!(emit(4).unwrap(), Ack::Delivered(_)));
    assert!(matches!(emit(5).unwrap(), Ack::Delivered(_)));

    let names: Vec<_> = memory.events().iter().map(|event| event.job_name().unwrap().into_owned()).collect();
    assert_eq!(names, ["j-changed", "j"]);
    assert_eq!(memory.events()[1].bytes(), event(5).bytes());
    let stats = transport.stats();
    assert_eq!((stats.tally.accepted, stats.tally.delivered, stats.tally.refused), (2, 2, 2));
    assert_eq!((stats.children.len(), stats.children[0].tally.refused), (1, 0));
}

#[test]
fn the_close_report_is_its_own_and_names_the_child() {
    let transport = Transform::new(Arc::new(Memory::new().transport()), picky);
    assert!(blocking::emit(&transport, event(2), long()).is_err());
    assert!(blocking::emit(&transport, event(5), long()).is_ok());
    let first = blocking::close(&transport, long()).unwrap();
    assert_eq!((&*first.info.kind, first.ended), ("transform", Ended::Drained));
    assert_eq!((first.tally.delivered, first.tally.refused), (1, 1));
    assert_eq!((&*first.children[0].info.kind, first.children[0].tally.refused), ("memory", 0));

    // Closed is closed, even for what the transformer would drop or refuse.
    for number in [1, 2, 3, 5] {
        let error = blocking::emit(&transport, event(number), long()).unwrap_err();
        assert_eq!(error.kind(), &EmitErrorKind::Closed);
    }
    let again = blocking::close(&transport, long()).unwrap();
    assert_eq!((again.tally, again.took), (first.tally, first.took));
    assert_eq!(transport.stats().tally.refused, 5);
}

#[test]
fn what_is_no_event_is_refused_with_the_place() {
    let transport = Transform::new(Arc::new(Memory::new().transport()), |event| Ok(Some(event)));
    let event = json(r#"{"run":{"runId":"x"},"job":{"namespace":"n","name":"j"}}"#);
    let error = blocking::emit(&transport, event, long()).unwrap_err();
    assert_eq!(error.kind(), &EmitErrorKind::Encode);
    assert!(error.source().unwrap().to_string().starts_with("/run/runId: "), "{:?}", error.source());
}

#[test]
fn transforms_stack_and_take_the_childs_name() {
    let named = crate::build(r#"{"type":"noop","name":"audit"}"#).unwrap();
    let outer = Transform::new(Arc::new(Transform::new(named, picky)), picky);
    assert_eq!((&*outer.info().kind, outer.info().name.as_deref()), ("transform", Some("audit")));
    assert!(blocking::emit(&outer, event(2), long()).unwrap_err().to_string().starts_with("audit: "));
    assert_eq!(outer.stats().children[0].children.len(), 1);
    assert!(format!("{outer:?}").contains("Noop"));
}
