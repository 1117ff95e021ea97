use std::sync::Arc;

use openlineage_core::blocking;
use openlineage_core::builtin::Memory;
use openlineage_core::config::{BuildContext, ConfigError, Factory, Registry, Section, TransportSpec};
use openlineage_core::transport::{Fresh, Transport, TransportSource};

use super::json;
use crate::{long, refusal};

/// Builds transports that deliver to one store.
#[derive(Debug)]
struct Stored(Memory);

impl Factory for Stored {
    fn build(&self, options: Section, _context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        options.finish(&[])?;
        Ok(Arc::new(self.0.transport()))
    }
}

/// Namespaces of job, parent, root and input that arrive, through what these options describe.
fn names(options: &str) -> [String; 4] {
    let memory = Memory::new();
    let registry = Registry::builtin().with("memory", Stored(memory.clone()));
    let spec = format!(r#"{{"type":"transform","name":"leg","transport":{{"type":"memory"}},{options}}}"#);
    let transport = Fresh.get(&TransportSpec::from_json(&spec).unwrap(), &registry).unwrap();
    assert_eq!((&*transport.info().kind, transport.info().name.as_deref()), ("transform", Some("leg")));
    let event = r#"{"eventTime":"t","run":{"runId":"0198b9a1-0000-7000-8000-00000000000a","facets":{"parent":{"run":{"runId":"0198b9a1-0000-7000-8000-00000000000a"},"job":{"namespace":"parent","name":"p"},"root":{"run":{"runId":"0198b9a1-0000-7000-8000-00000000000a"},"job":{"namespace":"root","name":"r"}}}}},"job":{"namespace":"job","name":"j"},"inputs":[{"namespace":"input","name":"i"}],"producer":"p","schemaURL":"s"}"#;
    blocking::deliver(&transport, json(event), long()).unwrap();
    let got: serde_json::Value = serde_json::from_slice(memory.events()[0].bytes()).unwrap();
    let parent = "/run/facets/parent";
    ["/job".to_owned(), format!("{parent}/job"), format!("{parent}/root/job"), "/inputs/0".to_owned()]
        .map(|place| got.pointer(&format!("{place}/namespace")).unwrap().as_str().unwrap().to_owned())
}

#[test]
fn upstreams_transformer_has_its_name_and_a_short_one() {
    let dotted = "openlineage.client.transport.transform.JobNamespaceReplaceTransformer";
    let long = "openlineage.client.transport.transform.transformers.job_namespace_replace_transformer.JobNamespaceReplaceTransformer";
    for class in [dotted, long, "job_namespace_replace"] {
        let options = |more: &str| {
            names(&format!(
                r#""transformer_class":"{class}","transformer_properties":{{"new_job_namespace":"new*"{more}}}"#
            ))
        };
        assert_eq!(options(""), ["new*", "new*", "new*", "input"]);
        assert_eq!(options(r#","include_parent_facet":true"#), ["new*", "new*", "new*", "input"]);
        assert_eq!(options(r#","include_parent_facet":false"#), ["new*", "parent", "root", "input"]);
    }
}

#[test]
fn rules_count_in_the_order_in_which_they_are_written() {
    assert_eq!(
        names(r#""namespaces":{"job":{"p*":"first","*":"z-*","job":"never"},"dataset":{"in*":"out*"}}"#),
        ["z-job", "first", "z-root", "output"]
    );
    assert_eq!(names(r#""namespaces":{"job":{"job":"exact","*":"rest"}}"#), ["exact", "rest", "rest", "input"]);
    assert_eq!(names(r#""namespaces":{}"#), ["job", "parent", "root", "input"]);
}

#[test]
fn what_is_wrong_is_named_with_its_cure() {
    let class = r#""transformer_class":"job_namespace_replace""#;
    for (options, expected) in [
        ("\"namespaces\":{}".to_owned(), "transport.transport: missing"),
        (child(""), "transport.transformer_class: missing; name job_namespace_replace, or give namespaces"),
        (
            child(r#","transformer_class":"acme.Mine""#),
            "transport.transformer_class: unknown transformer; known is job_namespace_replace; a transformer of your own \
             is given to Transform::new",
        ),
        (child(&format!(",{class}")), "transport.transformer_properties: missing; write {new_job_namespace: name}"),
        (
            child(&format!(r#",{class},"transformer_properties":{{}}"#)),
            "transport.transformer_properties.new_job_namespace: missing",
        ),
        (
            child(&format!(r#",{class},"transformer_properties":{{"new_job_namespace":"x","include_parent":true}}"#)),
            "transport.transformer_properties.include_parent: unknown option",
        ),
        (
            child(&format!(r#",{class},"namespaces":{{}}"#)),
            "transport.namespaces: stands beside transformer_class; put one transform round the other",
        ),
        (
            child(r#","namespaces":{},"transformer_properties":{}"#),
            "transport.transformer_properties: of no use without transformer_class; remove it",
        ),
        (child(r#","namespaces":{"jobs":{}}"#), "transport.namespaces.jobs: unknown option; did you mean job?"),
        (
            child(r#","namespaces":{"job":{"a*b":"c"}}"#),
            "transport.namespaces.job.a*b: a star within a name; write it at the end",
        ),
        (
            child(r#","namespaces":{"job":{"a":"c*"}}"#),
            "transport.namespaces.job.a: the new name ends in a star and the old one does not; end both in a star, or \
             neither",
        ),
        (child(r#","namespaces":{"dataset":{"a":""}}"#), "transport.namespaces.dataset.a: empty"),
    ] {
        let error = refusal(&format!(r#"{{"type":"transform",{options}}}"#));
        assert!(error.starts_with(expected), "{error}");
    }
}

fn child(more: &str) -> String {
    format!(r#""transport":{{"type":"noop"}}{more}"#)
}
