//! From the options of the command line, the configuration file and the environment to settings and a transport.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use openlineage::builtin::{Console, Stream};
use openlineage::client::Client;
use openlineage::config::{
    ConfigValue, Environment, Loaded, Loader, Node, Reach, Registry, Source, TransportSpec, Warnings,
};
use openlineage::lifecycle::Deadline;
use openlineage::transport::{Fresh, Transport, TransportSource};
use serde_json::json;

use crate::args::Common;
use crate::report::note;

const ARGUMENT: &str = "--transport";
const CURE: &str =
    r#"write a JSON object such as {"type": "http", "url": "http://localhost:5000"}, or @FILE that holds one"#;

/// What was configured, with `--transport` in the place of a configured transport: options of one destination, its
/// credentials above all, must not be mixed into another's.
pub(crate) struct Configured {
    loaded: Loaded,
    environment: Environment,
    /// The transport is that of `--transport`.
    by_argument: bool,
}

impl Configured {
    /// Reads everything and starts nothing. With `strict` a warning is an error.
    pub(crate) fn load(common: &Common, strict: bool) -> Result<Self> {
        let console = ConfigValue::from_value(&json!({"transport": {"type": "console"}}), &Source::Default);
        let environment = Environment::of_process();
        let mut loader = Loader::new(environment.clone()).defaults(console).strict(strict);
        if let Some(path) = &common.config {
            loader = loader.file(path);
        }
        let mut loaded = loader.load()?;
        if let Some(text) = &common.transport {
            let value = argument(text)?;
            let spec = TransportSpec::from_config(value.clone()).context(ARGUMENT)?;
            loaded.settings.transport = Some(spec.within(&environment));
            loaded.tree = with_transport(loaded.tree, value);
        }
        Ok(Self { loaded, environment, by_argument: common.transport.is_some() })
    }

    /// The same, with warnings on stderr.
    pub(crate) fn load_and_warn(common: &Common, strict: bool) -> Result<Self> {
        let configured = Self::load(common, strict)?;
        configured.loaded.warnings.iter().for_each(|warning| note(&format!("warning: {warning}")));
        Ok(configured)
    }

    pub(crate) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Builds the transport; the console goes to `stream`, and is said once where nobody asked for it.
    pub(crate) fn transport(&self, stream: Stream, registry: &Registry) -> Result<Arc<dyn Transport>> {
        let chosen = self.loaded.settings.transport.as_ref();
        if chosen.is_some_and(|spec| *spec.source() == Source::Default) {
            let name = if stream == Stream::Stdout { "stdout" } else { "stderr" };
            note(&format!("no transport is configured, events go to the console ({name})"));
        }
        self.build(stream, registry, &Warnings::logged())
    }

    /// A client over a transport, with the filters and everything else that is configured for events.
    pub(crate) fn client(&self, transport: Arc<dyn Transport>) -> Result<Client> {
        let settings = self.loaded.settings.clone();
        Ok(Client::builder().transport(transport).settings(settings).environment(self.environment.clone()).build()?)
    }

    /// Reaches for every destination by `until`, without an event.
    pub(crate) fn reach(&self, registry: &Registry, until: Deadline) -> Result<Vec<Reach>> {
        let spec = self.loaded.settings.transport_or_console().warn(&Warnings::collected());
        Ok(registry.reach(&spec, &Fresh, until)?)
    }

    /// The transport, without a word; warnings about its options go to `warnings`.
    pub(crate) fn build(&self, stream: Stream, registry: &Registry, warnings: &Warnings) -> Result<Arc<dyn Transport>> {
        // Nobody else reads what --transport names, so an unknown key there is a mistake, in either form.
        let warnings = if self.by_argument { &Warnings::refused() } else { warnings };
        let spec = self.loaded.settings.transport_or_console().warn(warnings);
        if spec.kind() == "console" && spec.is_plain() {
            return Ok(Arc::new(Console::new(stream)));
        }
        let built = Fresh.get(&spec, registry);
        if self.by_argument { built.context(ARGUMENT) } else { Ok(built?) }
    }
}

/// The value of `--transport`: JSON, or the file that holds it.
fn argument(text: &str) -> Result<ConfigValue> {
    let value = match text.strip_prefix('@') {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("{ARGUMENT}: cannot read {path}"))?;
            ConfigValue::from_json(&text, &Source::file(Path::new(path))).context(ARGUMENT)?
        }
        None if !text.trim_start().starts_with('{') => bail!("{ARGUMENT}: {CURE}"),
        None => ConfigValue::from_json(text, &Source::argument(ARGUMENT)).context(ARGUMENT)?,
    };
    Ok(value)
}

fn with_transport(tree: ConfigValue, transport: ConfigValue) -> ConfigValue {
    let source = transport.source().clone();
    let others = match tree.into_node() {
        Node::Map(entries) => entries,
        _ => Vec::new(),
    };
    let others = others.into_iter().filter(|(key, _)| key != "transport");
    ConfigValue::map(others.chain([("transport".to_owned(), transport)]), source)
}
