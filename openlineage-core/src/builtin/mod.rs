//! Destinations that need no server: console, file, memory, and none.

mod console;
mod file;
mod line;
mod memory;
mod noop;

pub use console::{Console, ConsoleDeliver, Stream};
pub use file::{AppendFile, FilePerEvent, Fsync};
pub use memory::Memory;
pub use noop::Noop;

use std::sync::Arc;

use crate::config::{BuildContext, ConfigError, Factory, Registry, Section};
use crate::transport::Transport;

pub(crate) fn register(registry: Registry) -> Registry {
    registry.with(console::KIND, ConsoleFactory).with(file::KIND, file::FileFactory).with(noop::KIND, NoopFactory)
}

#[derive(Debug)]
struct ConsoleFactory;

impl Factory for ConsoleFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let stream = match options.text("stream")?.as_deref() {
            None | Some("stdout") => Stream::Stdout,
            Some("stderr") => Stream::Stderr,
            Some(_) => {
                return Err(ConfigError::new(options.key("stream"), "unknown stream").cure("write stdout or stderr"));
            }
        };
        options.finish(&["stream"])?;
        Ok(Arc::new(console::at(context.info().clone(), stream, context.runtime().clone())))
    }
}

#[derive(Debug)]
struct NoopFactory;

impl Factory for NoopFactory {
    fn build(&self, options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        options.finish(&[])?;
        Ok(Arc::new(Noop::named(context.info().clone())))
    }
}
