//! Transports that need no server: to the console, to files, to memory, to nowhere, and one that changes events on
//! their way to another.

mod console;
mod file;
mod line;
mod memory;
mod noop;
mod transform;

pub use console::{Console, ConsoleDeliver, Stream};
pub(crate) use file::Log;
pub use file::{AppendFile, FilePerEvent, Fsync};
pub use memory::Memory;
pub use noop::Noop;
pub use transform::{Namespaces, Transform};

use std::sync::Arc;

use crate::config::{BuildContext, ConfigError, Factory, Registry, Section};
use crate::transport::Transport;

pub(crate) fn register(registry: Registry) -> Registry {
    registry
        .with(console::KIND, ConsoleFactory)
        .with(file::KIND, file::FileFactory)
        .with(noop::KIND, NoopFactory)
        .with(transform::KIND, transform::TransformFactory)
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
