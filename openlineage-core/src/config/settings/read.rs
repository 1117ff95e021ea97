use super::{DatasetSettings, FacetSettings, FilterKind, FilterSpec, Settings, SourceCodeLocation, TagSettings};
use crate::config::spec::Scope;
use crate::config::{ConfigError, ConfigValue, Node, Section, TransportSpec, layers};

const DATASET: [&str; 3] = ["reducing_enabled", "disabled_trimmers", "extra_trimmers"];
const LOCATION: [&str; 6] = ["disabled", "repo_url", "version", "tag", "branch", "pull_request_number"];

/// Reads the sections of a merged tree; variables outside of it are not looked at.
pub(in crate::config) fn read(tree: &ConfigValue, scope: &Scope) -> Result<Settings, ConfigError> {
    let mut root = Section::new(String::new(), tree.clone(), scope.clone())?;
    let settings = Settings {
        transport: transport(&mut root, tree, scope)?,
        filters: filters(&mut root, scope)?,
        tags: read_section(&mut root, "tags", &["job", "run"], tags)?,
        facets: read_section(&mut root, "facets", &["environment_variables", "source_code_location"], facets)?,
        dataset: read_section(&mut root, "dataset", &DATASET, dataset)?,
        namespace: None,
        disabled: false,
    };
    root.finish(&["transport", "facets", "filters", "tags", "dataset"])?;
    Ok(settings)
}

fn read_section<T: Default>(
    parent: &mut Section,
    name: &str,
    known: &[&str],
    read: impl FnOnce(&mut Section) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    let Some(mut section) = parent.section(name)? else { return Ok(T::default()) };
    let read = read(&mut section)?;
    section.finish(known)?;
    Ok(read)
}

fn transport(root: &mut Section, tree: &ConfigValue, scope: &Scope) -> Result<Option<TransportSpec>, ConfigError> {
    let Some(value) = root.take("transport") else {
        let nowhere = ConfigError::new("transport", "not configured, so events go to the console");
        scope.warnings.report(nowhere.cure("write a section transport, or set OPENLINEAGE_URL"))?;
        return Ok(None);
    };
    if layers::is_untyped(&value) {
        scope.warnings.report(layers::untyped_section(tree))?;
        return Ok(None);
    }
    TransportSpec::read("transport".to_owned(), value, scope.clone()).map(Some)
}

fn filters(root: &mut Section, scope: &Scope) -> Result<Vec<FilterSpec>, ConfigError> {
    let Some(value) = root.take("filters") else { return Ok(Vec::new()) };
    let place = value.source().clone();
    let Node::List(items) = value.into_node() else {
        let error = ConfigError::new("filters", "not a list").at(&place);
        return Err(error.cure("write it like [{type: exact, match: name}]"));
    };
    let mut filters = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        filters.extend(filter(Section::new(format!("filters.{index}"), item, scope.clone())?)?);
    }
    Ok(filters)
}

/// One filter; one that says nothing that can be followed is left out with a warning, as in the Python client.
fn filter(mut section: Section) -> Result<Option<FilterSpec>, ConfigError> {
    let source = section.source().clone();
    let (kind, name) = match section.text("type")?.as_deref() {
        Some("exact") => (FilterKind::Exact, "match"),
        Some("regex") => (FilterKind::Regex, "regex"),
        _ => {
            let mistake = ConfigError::new(section.key("type"), "neither exact nor regex, so the filter is not used");
            section.warn(mistake.cure("write {type: exact, match: name} or {type: regex, regex: pattern}"))?;
            return Ok(None);
        }
    };
    let Some(pattern) = section.text(name)?.filter(|pattern| !pattern.is_empty()) else {
        let mistake = ConfigError::new(section.key(name), "missing, so the filter is not used");
        section.warn(mistake.cure("write the pattern"))?;
        return Ok(None);
    };
    let key = section.key(name);
    section.finish(&["type", name])?;
    Ok(Some(FilterSpec { kind, pattern, key, source }))
}

fn tags(section: &mut Section) -> Result<TagSettings, ConfigError> {
    Ok(TagSettings { job: read_section(section, "job", &[], pairs)?, run: read_section(section, "run", &[], pairs)? })
}

fn pairs(section: &mut Section) -> Result<Vec<(String, String)>, ConfigError> {
    let names: Vec<String> = section.names().map(str::to_owned).collect();
    let mut pairs = Vec::new();
    for name in names {
        let value = section.text(&name)?;
        pairs.extend(value.map(|value| (name, value)));
    }
    Ok(pairs)
}

fn facets(section: &mut Section) -> Result<FacetSettings, ConfigError> {
    Ok(FacetSettings {
        environment_variables: section.texts("environment_variables")?.unwrap_or_default(),
        source_code_location: read_section(section, "source_code_location", &LOCATION, source_code_location)?,
    })
}

fn source_code_location(section: &mut Section) -> Result<SourceCodeLocation, ConfigError> {
    Ok(SourceCodeLocation {
        disabled: section.flag("disabled")?.unwrap_or(true),
        repo_url: section.text("repo_url")?,
        version: section.text("version")?,
        tag: section.text("tag")?,
        branch: section.text("branch")?,
        pull_request_number: section.text("pull_request_number")?,
    })
}

fn dataset(section: &mut Section) -> Result<DatasetSettings, ConfigError> {
    Ok(DatasetSettings {
        reducing_enabled: section.flag("reducing_enabled")?.unwrap_or_default(),
        disabled_trimmers: section.texts("disabled_trimmers")?.unwrap_or_default(),
        extra_trimmers: section.texts("extra_trimmers")?.unwrap_or_default(),
    })
}
