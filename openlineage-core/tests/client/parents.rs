use openlineage_core::client::ParentRunId;
use openlineage_core::facets::ParentRunFacet;
use openlineage_core::model::RunId;
use serde_json::{Value, json};

use crate::case::{Case, with};
use crate::logs::warnings;

const A: &str = "0198b9a1-0000-7000-8000-00000000000a";
const B: &str = "0198b9a1-0000-7000-8000-00000000000b";

fn id(name: &str, run: &str) -> String {
    format!("etl/{name}/{run}")
}

fn run(name: &str, run: &str) -> Value {
    json!({"run": {"runId": run}, "job": {"namespace": "etl", "name": name}})
}

fn with_root(mut parent: Value, root: Value) -> Value {
    parent["root"] = root;
    parent
}

/// The facet `parent` of a run, without producer and schema.
fn parent_of(event: &Value) -> Value {
    let mut facet = event["run"]["facets"]["parent"].clone();
    if let Some(facet) = facet.as_object_mut() {
        facet.retain(|key, _| !key.starts_with('_'));
    }
    facet
}

fn started(case: &Case) -> Value {
    drop(case.client.run("n", "j").start().wait().complete().wait());
    let events = case.all();
    assert_eq!(parent_of(&events[0]), parent_of(&events[1]));
    parent_of(&events[0])
}

#[test]
fn the_parent_is_its_own_root_where_nobody_names_another() {
    let parent = id("night%2Fly", A);
    let case = with([("OPENLINEAGE_PARENT_ID", &*parent)]);
    assert_eq!(started(&case), with_root(run("night/ly", A), run("night/ly", A)));
}

#[test]
fn a_root_beside_the_parent() {
    let (parent, root) = (id("parent", A), id("root", B));
    let case = with([("OPENLINEAGE_PARENT_ID", &*parent), ("OPENLINEAGE_ROOT_PARENT_ID", &*root)]);
    assert_eq!(started(&case), with_root(run("parent", A), run("root", B)));
}

#[test]
fn a_root_that_cannot_be_read_is_left_out_with_a_warning() {
    let parent = id("parent", A);
    let variables = [("OPENLINEAGE_PARENT_ID", &*parent), ("OPENLINEAGE_ROOT_PARENT_ID", "root")];
    let (case, warned) = warnings(|| with(variables));
    assert_eq!(started(&case), run("parent", A));
    assert!(warned.len() == 1 && warned[0].contains("OPENLINEAGE_ROOT_PARENT_ID"), "{warned:?}");
}

#[test]
fn the_context_wins_over_the_older_variables() {
    let mut context = with_root(run("parent", A), run("root", B));
    context["run"]["facets"] = json!({"acme_kept": {"_producer": "p", "_schemaURL": "s", "x": 1.50}});
    let (text, older) = (json!({ "parent": context }).to_string(), id("older", B));
    let case = with([("OPENLINEAGE_CONTEXT", &*text), ("OPENLINEAGE_PARENT_ID", &*older)]);
    assert_eq!(started(&case), context);
}

#[test]
fn a_context_without_a_root_and_one_whose_root_cannot_be_read() {
    for root in [json!(null), json!({"run": {"runId": 7}})] {
        let text = json!({ "parent": with_root(run("parent", A), root) }).to_string();
        let case = with([("OPENLINEAGE_CONTEXT", &*text)]);
        assert_eq!(started(&case), with_root(run("parent", A), run("parent", A)));
    }
}

#[test]
fn a_context_that_cannot_be_read_leaves_the_older_variables() {
    let older = id("older", B);
    for (text, is_warned) in [("{", true), ("[]", true), (r#"{"parent":{"run":{}}}"#, true), ("{}", false)] {
        let variables = [("OPENLINEAGE_CONTEXT", text), ("OPENLINEAGE_PARENT_ID", &*older)];
        let (case, warned) = warnings(|| with(variables));
        assert_eq!(started(&case), with_root(run("older", B), run("older", B)), "{text}");
        assert_eq!(!warned.is_empty(), is_warned, "{text}: {warned:?}");
    }
}

#[test]
fn a_parent_that_cannot_be_read_is_none_and_a_warning() {
    let (case, warned) = warnings(|| with([("OPENLINEAGE_PARENT_ID", "etl/nightly/7")]));
    assert_eq!(started(&case), Value::Null);
    assert!(warned.len() == 1 && warned[0].contains("OPENLINEAGE_PARENT_ID"), "{warned:?}");
}

#[test]
fn the_caller_may_name_the_parent() {
    let parent = id("parent", A);
    let case = with([("OPENLINEAGE_PARENT_ID", &*parent)]);
    let own = ParentRunId::new("etl", "own", B.parse().unwrap());
    drop(case.client.run("n", "j").parent(own.clone()).start().wait().complete().wait());
    assert_eq!(parent_of(&case.all()[0]), run("own", B));
    let facet: ParentRunFacet = own.into();
    assert_eq!(facet.root, None);
}

#[test]
fn a_child_names_its_parent_and_the_root_of_the_chain() {
    let outer = id("outer", A);
    let case = with([("OPENLINEAGE_PARENT_ID", &*outer)]);
    let parent = case.client.run("etl", "parent").id(B.parse().unwrap()).start().wait();
    let child = parent.child("child").start().wait();
    let grandchild = child.child("grandchild").start().wait();
    let told = case.all();
    assert_eq!(parent_of(&told[1]), with_root(run("parent", B), run("outer", A)));
    assert_eq!(told[1]["job"]["namespace"], "etl");
    let child_id = child.id().to_string();
    assert_eq!(parent_of(&told[2]), with_root(run("child", &child_id), run("outer", A)));
    for run in [grandchild, child, parent] {
        let _ack = run.complete().wait().unwrap();
    }
}

#[test]
fn a_run_without_a_parent_is_the_root_of_its_children() {
    let case = with([]);
    let parent = case.client.run("etl", "parent").id(B.parse().unwrap()).start().wait();
    drop(parent.child("child").start().wait().complete().wait());
    assert_eq!(parent_of(&case.all()[1]), with_root(run("parent", B), run("parent", B)));
    drop(parent.complete().wait());
}

#[test]
fn what_a_run_hands_to_programs_is_what_they_read() {
    let outer = id("outer", A);
    let case = with([("OPENLINEAGE_PARENT_ID", &*outer)]);
    let run = case.client.run("s3://etl", "50%/parent").id(RunId::new()).start().wait();
    let variables = [
        (ParentRunId::VARIABLE, run.as_parent_id().to_string()),
        (ParentRunId::ROOT_VARIABLE, run.as_root_id().to_string()),
    ];
    let inner = with(std::array::from_fn::<_, 2, _>(|index| (variables[index].0, &*variables[index].1)));
    drop(inner.client.run("n", "j").start().wait().complete().wait());
    drop(run.child("child").start().wait().complete().wait());
    assert_eq!(parent_of(&inner.all()[0]), parent_of(&case.all()[1]));
    drop(run.complete().wait());
}
