//! The example facets and the example event of the specification, read and written back.
//!
//! They lie outside of this repository: in the folder `OPENLINEAGE_SPEC`, else in `shared/spec` beside the workspace.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use openlineage_core::event::{EncodedEvent, EventKind};
use openlineage_core::facets::{
    ColumnLineageDatasetFacet, EnvironmentVariablesRunFacet, ErrorMessageRunFacet, InputSubsetInputDatasetFacet,
    JobTypeJobFacet, NominalTimeRunFacet, ParentRunFacet, ProcessingEngineRunFacet, SchemaDatasetFacet,
    SourceCodeLocationJobFacet, SqlJobFacet, TagsJobFacet,
};
use openlineage_core::model::{DatasetPlace, Event, Facets, In, InputPlace, JobPlace, Place, RunPlace};
use serde_json::Value;

#[test]
fn every_example_facet_is_written_back_as_it_came() {
    let Some(spec) = spec() else { return };
    let examples = examples(&spec);
    assert!(examples.len() > 30, "only {} examples in {}", examples.len(), spec.display());
    for path in examples {
        let text = fs::read_to_string(&path).unwrap();
        let facets: Facets<RunPlace> = serde_json::from_str(&text).unwrap();
        assert_eq!(value(&serde_json::to_string(&facets).unwrap()), value(&text), "{}", path.display());
    }
}

#[test]
fn every_example_of_a_known_facet_decodes_and_loses_nothing_when_edited() {
    let Some(spec) = spec() else { return };
    let mut seen = 0;
    for path in examples(&spec) {
        let text = fs::read_to_string(&path).unwrap();
        seen += usize::from(
            edited::<DatasetPlace, SchemaDatasetFacet>(&text)
                || edited::<DatasetPlace, ColumnLineageDatasetFacet>(&text)
                || edited::<InputPlace, InputSubsetInputDatasetFacet>(&text)
                || edited::<JobPlace, JobTypeJobFacet>(&text)
                || edited::<JobPlace, SourceCodeLocationJobFacet>(&text)
                || edited::<JobPlace, SqlJobFacet>(&text)
                || edited::<JobPlace, TagsJobFacet>(&text)
                || edited::<RunPlace, EnvironmentVariablesRunFacet>(&text)
                || edited::<RunPlace, ErrorMessageRunFacet>(&text)
                || edited::<RunPlace, NominalTimeRunFacet>(&text)
                || edited::<RunPlace, ParentRunFacet>(&text)
                || edited::<RunPlace, ProcessingEngineRunFacet>(&text),
        );
    }
    assert!(seen >= 14, "only {seen} examples of the known facets");
}

#[test]
fn the_example_event_with_its_stray_dataset_comes_back_whole() {
    let Some(spec) = spec() else { return };
    let text = fs::read_to_string(spec.join("tests/example_full_event.json")).unwrap();
    let event = Event::from_json(text.as_bytes()).unwrap();
    assert_eq!(event.kind(), EventKind::Run);
    assert_eq!(value(std::str::from_utf8(event.encode().unwrap().bytes()).unwrap()), value(&text));

    let Event::Run(run) = event else { panic!("not a run event") };
    assert!(run.extra.get("dataset").is_some());
    assert!(run.inputs.as_ref().is_some_and(|inputs| inputs.is_empty()));
    let sql = run.job.facets.get::<SqlJobFacet>().unwrap().unwrap();
    assert_eq!(sql.query, "SELECT 1");

    let raw = EncodedEvent::from_json(text.clone()).unwrap();
    assert_eq!(raw.bytes(), &text);
    assert!(!raw.to_ndjson().contains(&b'\n'));
}

/// Whether `text` holds the facet; changes nothing in it and expects to find nothing changed.
fn edited<P: Place, F: In<P>>(text: &str) -> bool {
    let mut facets: Facets<P> = serde_json::from_str(text).unwrap();
    let found = facets.edit::<F>(|_| ()).unwrap();
    assert_eq!(value(&serde_json::to_string(&facets).unwrap()), value(text), "{}", F::KEY);
    found
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn examples(spec: &Path) -> Vec<PathBuf> {
    let folders =
        fs::read_dir(spec.join("tests")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())).collect()
}

fn spec() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec");
    let spec = std::env::var_os("OPENLINEAGE_SPEC").map_or_else(beside, PathBuf::from);
    if spec.join("tests").is_dir() {
        return Some(spec);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no specification at {}", spec.display());
    // The test runner hides what is printed through the macros.
    let mut seen = io::stderr();
    writeln!(seen, "skipped: no specification at {}, name its folder in OPENLINEAGE_SPEC", spec.display()).unwrap();
    None
}
