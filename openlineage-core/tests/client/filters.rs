use openlineage_core::builtin::Memory;
use openlineage_core::config::Environment;
use openlineage_core::event::EncodedEvent;
use openlineage_core::model::{DatasetEvent, Event, JobEvent, JobRef, RunEvent, RunId, StaticDataset};
use openlineage_core::transport::Ack;

use crate::case::{ACME, Case, build, with};

fn filtered(filters: &str) -> Case {
    with([("OPENLINEAGE__FILTERS", filters)])
}

fn run_of(job: &str) -> Event {
    RunEvent::start(RunId::new(), JobRef::new("n", job)).build(&ACME).into()
}

fn is_skipped(case: &Case, event: Event) -> bool {
    let text = event.encode().unwrap();
    let emitted = matches!(case.blocking().emit(event).unwrap(), Ack::Skipped(_));
    assert_eq!(matches!(case.blocking().forward(text).unwrap(), Ack::Skipped(_)), emitted);
    emitted
}

#[test]
fn exact_and_regex_leave_out_runs_by_the_name_of_their_job() {
    let case = filtered(r#"[{"type":"exact","match":"noise"},{"type":"regex","regex":"tmp_\\d+"}]"#);
    assert!(is_skipped(&case, run_of("noise")));
    assert!(!is_skipped(&case, run_of("noises")));
    assert!(is_skipped(&case, run_of("tmp_1_and_more")), "not held at the end");
    assert!(!is_skipped(&case, run_of("a_tmp_1")), "held at the start");
    assert_eq!(case.all().len(), 4);
    assert_eq!(case.client.stats().tally.accepted, 4, "a skipped event is in no count");
}

#[test]
fn the_answer_names_the_filter() {
    let case = filtered(r#"[{"type":"exact","match":"a"},{"type":"exact","match":"b"}]"#);
    let Ack::Skipped(reason) = case.blocking().emit(run_of("b")).unwrap() else { panic!("not skipped") };
    assert_eq!(reason, "filters.1 leaves out this job");
}

#[test]
fn only_runs_are_left_out() {
    let case = filtered(r#"[{"type":"regex","regex":".*"}]"#);
    assert!(!is_skipped(&case, JobEvent::of(JobRef::new("n", "j")).build(&ACME).into()));
    assert!(!is_skipped(&case, DatasetEvent::of(StaticDataset::new("n", "d")).build(&ACME).into()));
    assert!(is_skipped(&case, run_of("j")));
}

#[test]
fn a_run_that_is_text_without_a_job_name_passes() {
    let case = filtered(r#"[{"type":"regex","regex":".*"}]"#);
    let text = r#"{"run":{"runId":"x"},"job":{"namespace":"n"}}"#;
    let ack = case.blocking().forward(EncodedEvent::from_json(text).unwrap()).unwrap();
    assert!(matches!(ack, Ack::Delivered(_)));
}

/// The Python client logs and goes on without the filter, so that what was to be left out is sent.
#[test]
fn a_pattern_that_cannot_be_used_is_an_error_that_names_its_place() {
    for pattern in ["(", "(?=ahead)", r"(a)\\1"] {
        let filters = format!(r#"[{{"type":"exact","match":"a"}},{{"type":"regex","regex":"{pattern}"}}]"#);
        let error = build(&Memory::new(), Environment::of([("OPENLINEAGE__FILTERS", filters)])).unwrap_err();
        assert_eq!(error.key(), "filters.1.regex", "{pattern}");
        assert!(error.to_string().contains("$OPENLINEAGE__FILTERS"), "{error}");
    }
}
