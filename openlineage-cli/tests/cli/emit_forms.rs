use std::fs;
use std::path::Path;

use openlineage_core::testkit::server::Server;

use crate::common::{Form, bodies, emit, run, run_with_input, samples, sorted, spec_folder};

/// Emits `events` in every form from a file and from standard input, and compares every byte.
fn arrive_as_they_stand(events: &[String], forms: &[Form]) {
    let folder = tempfile::tempdir().unwrap();
    for form in forms {
        let (expected, text) = form.write(events);
        let (expected, file) = (sorted(expected), folder.path().join("events"));
        fs::write(&file, &text).unwrap();
        for from_file in [true, false] {
            let server = Server::start().unwrap();
            let done = match from_file {
                true => run(&mut emit(&server, &file, &[])),
                false => run_with_input(&mut emit(&server, Path::new("-"), &[]), text.as_bytes()),
            };
            assert_eq!(done.code, Some(0), "{form:?} {}", done.stderr);
            assert!(done.says(&format!("{} delivered in ", events.len())), "{}", done.stderr);
            assert!(sorted(bodies(&server)) == expected, "{form:?} from file: {from_file}");
        }
    }
}

#[test]
fn every_sample_arrives_as_it_stands() {
    arrive_as_they_stand(&samples(), &Form::ALL);
}

#[test]
fn every_example_of_the_specification_arrives_as_it_stands() {
    let Some(spec) = spec_folder() else { return };
    let mut events = vec![fs::read_to_string(spec.join("tests/example_full_event.json")).unwrap().trim().to_owned()];
    for folder in fs::read_dir(spec.join("tests")).unwrap().map(|entry| entry.unwrap().path()) {
        if !folder.is_dir() {
            continue;
        }
        let class = folder.file_name().unwrap().to_str().unwrap();
        for file in fs::read_dir(&folder).unwrap() {
            let facets = fs::read_to_string(file.unwrap().path()).unwrap();
            events.extend(places(class).iter().map(|place| with_facets(place, facets.trim())));
        }
    }
    assert!(events.len() > 40, "{}", events.len());
    // These have line breaks of their own.
    arrive_as_they_stand(&events, &[Form::Array, Form::Spread]);
}

/// Where the facets of a class stand.
fn places(class: &str) -> &'static [&'static str] {
    match class {
        "LineageFacet" => &["dataset", "job"],
        "BaseSubsetDatasetFacet" => &["input", "output"],
        "DataQualityAssertionsDatasetFacet" => &["input"],
        _ if class.ends_with("InputDatasetFacet") => &["input"],
        _ if class.ends_with("OutputDatasetFacet") => &["output"],
        _ if class.ends_with("DatasetFacet") => &["dataset"],
        _ if class.ends_with("JobFacet") => &["job"],
        _ if class.ends_with("RunFacet") => &["run"],
        _ => panic!("{class}"),
    }
}

/// Begins with a line break, so that it can be the first of a file whatever the facets look like.
fn with_facets(place: &str, facets: &str) -> String {
    let at = |here: &str| if here == place { facets } else { "{}" };
    let input = format!(r#"{{"namespace":"n","name":"i","facets":{},"inputFacets":{}}}"#, at("dataset"), at("input"));
    let output = format!(r#"{{"namespace":"n","name":"o","outputFacets":{}}}"#, at("output"));
    let run = format!(r#"{{"runId":"0198b9a1-0000-7000-8000-000000000001","facets":{}}}"#, at("run"));
    let job = format!(r#"{{"namespace":"n","name":"j","facets":{}}}"#, at("job"));
    format!(r#"{{{}"run":{run},"job":{job},"inputs":[{input}],"outputs":[{output}]}}"#, "\n")
}
