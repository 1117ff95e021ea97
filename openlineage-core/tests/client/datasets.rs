use openlineage_core::facets::{
    ColumnLineageDatasetFacet, ColumnSources, Columns, InputField, SchemaDatasetFacet, SchemaField,
};
use openlineage_core::model::{InputDataset, JobEvent, OutputDataset};
use serde_json::{Value, json};

use crate::case::{ACME, Case, event, job, start, with};

const ON: (&str, &str) = ("OPENLINEAGE__DATASET__REDUCING_ENABLED", "true");

fn reducing() -> Case {
    with([ON])
}

fn part(day: u32) -> InputDataset {
    InputDataset::new("s3://lake", format!("orders/2025/07/{day:02}"))
}

fn names(datasets: &Value) -> Vec<&str> {
    datasets.as_array().unwrap().iter().map(|dataset| dataset["name"].as_str().unwrap()).collect()
}

#[test]
fn parts_become_one_dataset_that_names_them() {
    let event = start().input(part(2)).input(InputDataset::new("s3://lake", "clients")).input(part(1)).build(&ACME);
    let sent = reducing().sent(event);
    assert_eq!(names(&sent["inputs"]), ["orders", "clients"]);
    let subset = &sent["inputs"][0]["inputFacets"]["subset"];
    let locations = json!({"type": "location", "locations": ["orders/2025/07/01", "orders/2025/07/02"]});
    assert_eq!(subset["inputCondition"], locations);
    assert_eq!(sent["inputs"][1].get("inputFacets"), None);
}

#[test]
fn outputs_get_a_condition_of_their_own() {
    let event = start().output(OutputDataset::new("s3://lake", "orders/day=1/hour=2")).build(&ACME);
    let sent = reducing().sent(event);
    assert_eq!(names(&sent["outputs"]), ["orders"]);
    let locations = &sent["outputs"][0]["outputFacets"]["subset"]["outputCondition"]["locations"];
    assert_eq!(*locations, json!(["orders/day=1/hour=2"]));
}

#[test]
fn parts_of_other_namespaces_or_with_other_facets_stay_apart() {
    let schema = SchemaDatasetFacet::new().with_fields([SchemaField::new("id")]);
    let event = start()
        .input(part(1))
        .input(part(2).with_facet(schema.clone()))
        .input(InputDataset::new("gs://lake", "orders/2025/07/03"))
        .input(part(4).with_facet(schema))
        .build(&ACME);
    let sent = reducing().sent(event);
    assert_eq!(names(&sent["inputs"]), ["orders", "orders", "orders"]);
    let locations = &sent["inputs"][1]["inputFacets"]["subset"]["inputCondition"]["locations"];
    assert_eq!(*locations, json!(["orders/2025/07/02", "orders/2025/07/04"]));
}

#[test]
fn column_lineage_follows() {
    let field = |day: u32| InputField::new("s3://lake", format!("orders/2025/07/{day:02}"), "id");
    let columns: Columns =
        [("z", ColumnSources::new([field(1)])), ("a", ColumnSources::new([field(2)]))].into_iter().collect();
    let lineage = ColumnLineageDatasetFacet::new(columns).with_dataset([field(3)]);
    let output = OutputDataset::new("db", "shop.daily").with_facet(lineage);
    let sent = reducing().sent(start().output(output).build(&ACME));
    let facet = &sent["outputs"][0]["facets"]["columnLineage"];
    assert_eq!(facet["fields"]["z"]["inputFields"][0]["name"], "orders");
    assert_eq!(facet["fields"]["a"]["inputFields"][0]["name"], "orders");
    assert_eq!(facet["dataset"][0]["name"], "orders");
    assert_eq!(facet["_producer"], json!(ACME));
}

#[test]
fn it_is_off_unless_switched_on_and_for_runs_only() {
    let sent = with([]).sent(start().input(part(1)).build(&ACME));
    assert_eq!(names(&sent["inputs"]), ["orders/2025/07/01"]);
    let sent = reducing().sent(JobEvent::of(job()).input(part(1)).build(&ACME));
    assert_eq!(names(&sent["inputs"]), ["orders/2025/07/01"]);
    assert_eq!(reducing().sent(event()).get("inputs"), None, "an absent list stays absent");
}

#[test]
fn trimmers_can_be_switched_off_by_a_list_or_a_text() {
    for off in [r#"["openlineage.client.dataset.trimmers.KeyValueTrimmer"]"#, "KeyValueTrimmer; other.Trimmer"] {
        let case = with([ON, ("OPENLINEAGE__DATASET__DISABLED_TRIMMERS", off)]);
        let event = start().input(InputDataset::new("n", "orders/day=1")).input(part(1)).build(&ACME);
        assert_eq!(names(&case.sent(event)["inputs"]), ["orders/day=1", "orders"]);
    }
}
