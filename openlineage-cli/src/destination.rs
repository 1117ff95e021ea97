//! From `--transport` to a transport.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use openlineage::builtin::{Console, Stream};
use openlineage::config::TransportSpec;
use openlineage::transport::{Fresh, Transport, TransportSource};

const CURE: &str =
    r#"write a JSON object such as {"type": "http", "url": "http://localhost:5000"}, or @FILE that holds one"#;

/// The transport the user asked for, or the console on `stream`. Starts nothing.
pub(crate) fn choose(transport: Option<&str>, stream: Stream) -> Result<Arc<dyn Transport>> {
    let Some(text) = transport else {
        let stream_name = if stream == Stream::Stdout { "stdout" } else { "stderr" };
        crate::report::note(&format!("no --transport given, events go to the console ({stream_name})"));
        return Ok(Arc::new(Console::new(stream)));
    };
    let spec = match text.strip_prefix('@') {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("--transport: cannot read {path}"))?;
            TransportSpec::from_json(&text).with_context(|| format!("--transport: {path}"))?
        }
        None if !text.trim_start().starts_with('{') => bail!("--transport: {CURE}"),
        None => TransportSpec::from_json(text).context("--transport")?,
    };
    if spec.kind() == "console" && spec.is_plain() {
        return Ok(Arc::new(Console::new(stream)));
    }
    Fresh.get(&spec, &openlineage::registry()).context("--transport")
}
