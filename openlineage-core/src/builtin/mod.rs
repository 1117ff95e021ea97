//! Destinations that need no server: console, file, memory, and none.

mod console;
mod file;
mod line;
mod memory;
mod noop;

pub use console::{Console, ConsoleDeliver, Stream};
pub use file::{File, FileDeliver};
pub use memory::Memory;
pub use noop::Noop;

use std::sync::Arc;

use crate::config::{BuildContext, ConfigError, Factory, Registry, Section};
use crate::transport::Transport;

pub(crate) fn register(registry: Registry) -> Registry {
    registry.with(console::KIND, ConsoleFactory).with(file::KIND, FileFactory).with(noop::KIND, NoopFactory)
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
struct FileFactory;

impl Factory for FileFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let path = options.required("log_file_path")?;
        let append = options.flag("append")?.unwrap_or(false);
        if !append {
            let error = ConfigError::new(options.key("append"), "a file for each event is not built");
            return Err(error.cure("write \"append\": true for one file of NDJSON"));
        }
        options.finish(&["log_file_path", "append"])?;
        Ok(Arc::new(file::at(context.info().clone(), path.into(), context.runtime().clone())))
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
