use std::sync::Arc;

use super::{Namespaces, Transform};
use crate::config::{BuildContext, ConfigError, Factory, Reach, Section};
use crate::lifecycle::Deadline;
use crate::transport::Transport;

const OPTIONS: [&str; 4] = ["transport", "transformer_class", "transformer_properties", "namespaces"];
const REPLACE: &str = "job_namespace_replace";
/// What upstream calls it; a configuration names it by its module and this.
const REPLACE_CLASS: &str = "JobNamespaceReplaceTransformer";

#[derive(Debug)]
pub(in crate::builtin) struct TransformFactory;

impl Factory for TransformFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let child = options.child("transport")?;
        let class = options.text("transformer_class")?;
        let properties = options.section("transformer_properties")?;
        let namespaces = options.section("namespaces")?;
        let wrong =
            |name: &str, problem: &str, cure: &str| Err(ConfigError::new(options.key(name), problem).cure(cure));
        let namespaces = match (class, namespaces, properties) {
            (Some(class), None, properties) if is_replace(&class) => match properties {
                Some(properties) => replace(properties)?,
                None => return wrong("transformer_properties", "missing", "write {new_job_namespace: name}"),
            },
            (Some(_), None, _) => {
                let cure = format!("known is {REPLACE}; a transformer of your own is given to Transform::new");
                return wrong("transformer_class", "unknown transformer", &cure);
            }
            (None, Some(namespaces), None) => read(namespaces)?,
            (None, Some(_), Some(_)) => {
                return wrong("transformer_properties", "of no use without transformer_class", "remove it");
            }
            (Some(_), Some(_), _) => {
                return wrong("namespaces", "stands beside transformer_class", "put one transform round the other");
            }
            (None, None, _) => {
                return wrong("transformer_class", "missing", &format!("name {REPLACE}, or give namespaces"));
            }
        };
        options.finish(&OPTIONS)?;
        Ok(Arc::new(Transform::namespaces(context.child(&child)?, namespaces).named(context.info().clone())))
    }

    fn reach(
        &self,
        mut options: Section,
        context: &BuildContext<'_>,
        until: Deadline,
    ) -> Result<Vec<Reach>, ConfigError> {
        context.reach_child(&options.child("transport")?, until)
    }
}

fn is_replace(class: &str) -> bool {
    class == REPLACE || class.rsplit('.').next() == Some(REPLACE_CLASS)
}

fn replace(mut properties: Section) -> Result<Namespaces, ConfigError> {
    let new = properties.required("new_job_namespace")?;
    let include_parent_facet = properties.flag("include_parent_facet")?.unwrap_or(true);
    properties.finish(&["new_job_namespace", "include_parent_facet"])?;
    let namespaces = Namespaces::new().every_job(new);
    Ok(if include_parent_facet { namespaces } else { namespaces.keep_parents() })
}

fn read(mut options: Section) -> Result<Namespaces, ConfigError> {
    let mut namespaces = Namespaces::new();
    for (old, new) in rules(&mut options, "job")? {
        namespaces = namespaces.job(&old, &new);
    }
    for (old, new) in rules(&mut options, "dataset")? {
        namespaces = namespaces.dataset(&old, &new);
    }
    options.finish(&["job", "dataset"])?;
    Ok(namespaces)
}

/// Old and new names, in the order in which they are written.
fn rules(options: &mut Section, name: &str) -> Result<Vec<(String, String)>, ConfigError> {
    let Some(mut section) = options.section(name)? else { return Ok(Vec::new()) };
    let names: Vec<_> = section.names().map(str::to_owned).collect();
    let mut rules = Vec::with_capacity(names.len());
    for old in names {
        let new = section.required(&old)?;
        let wrong = |problem, cure| Err(ConfigError::new(section.key(&old), problem).cure(cure));
        let inner = |name: &str| name.strip_suffix('*').unwrap_or(name).contains('*');
        if inner(&old) || inner(&new) {
            return wrong("a star within a name", "write it at the end");
        }
        if new.ends_with('*') && !old.ends_with('*') {
            return wrong("the new name ends in a star and the old one does not", "end both in a star, or neither");
        }
        rules.push((old, new));
    }
    Ok(rules)
}
