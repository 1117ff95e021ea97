use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Every sample event.
pub(crate) fn samples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let read = |name| fs::read_to_string(folder.join(name)).unwrap();
    let texts = ["dbt.ndjson", "spark.ndjson", "airflow.ndjson"].map(read);
    let samples: Vec<String> = texts.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    assert!(samples.len() >= 200);
    samples
}

/// Where the specification is; `None`, with a word on stderr, where it is not there. In CI it has to be.
pub(crate) fn spec_folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec");
    let folder = std::env::var_os("OPENLINEAGE_SPEC").map_or_else(beside, PathBuf::from);
    if folder.join("tests").is_dir() {
        return Some(folder);
    }
    let reason =
        format!("skipped: there is no folder {}, OPENLINEAGE_SPEC names another", folder.join("tests").display());
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}");
    let _unheard = writeln!(std::io::stderr(), "{reason}");
    None
}
