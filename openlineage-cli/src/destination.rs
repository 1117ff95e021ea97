//! From `--transport` to a transport.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use openlineage::builtin::{Console, Stream};
use openlineage::config::{ConfigValue, Source, TransportSpec, Warnings};
use openlineage::transport::{Fresh, Transport, TransportSource};

/// The transport the user asked for, or the console on `stream`. Starts nothing.
pub(crate) fn choose(transport: Option<&str>, stream: Stream) -> Result<Arc<dyn Transport>> {
    let Some(text) = transport else {
        let stream_name = if stream == Stream::Stdout { "stdout" } else { "stderr" };
        crate::report::note(&format!("no --transport given, events go to the console ({stream_name})"));
        return Ok(Arc::new(Console::new(stream)));
    };
    let value = match text.strip_prefix('@') {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("--transport: cannot read {path}"))?;
            ConfigValue::from_json(&text, &Source::file(Path::new(path)))
        }
        None => ConfigValue::from_json(text, &Source::argument("--transport")),
    };
    // Nobody else reads what --transport names, so an unknown key is a mistake in either form.
    let spec = value.and_then(TransportSpec::from_config).context("--transport")?.warn(&Warnings::refused());
    if spec.kind() == "console" && spec.is_plain() {
        return Ok(Arc::new(Console::new(stream)));
    }
    Fresh.get(&spec, &openlineage::registry()).context("--transport")
}
