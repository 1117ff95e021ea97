//! The `openlineage` command of a company that has a transport of its own, of kind `acme`: events go to a folder, one
//! file for each run. Build it with `cargo build -p openlineage-cli --example acme` and write in `openlineage.yml`:
//!
//! ```yaml
//! transport:
//!   type: acme
//!   folder: /var/lib/lineage
//! ```

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use openlineage::config::{BuildContext, ConfigError, Factory, Section};
use openlineage::engine::{Deliver, Direct};
use openlineage::error::{EmitErrorKind, Fault};
use openlineage::event::EncodedEvent;
use openlineage::lifecycle::Deadline;
use openlineage::transport::Transport;

fn main() -> ExitCode {
    openlineage_cli::main(openlineage::registry().with("acme", AcmeFactory))
}

#[derive(Debug)]
struct AcmeFactory;

impl Factory for AcmeFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let folder = options.required("folder")?.into();
        options.finish(&["folder"])?;
        let builder = Direct::builder(context.info().clone(), Acme { folder });
        Ok(Arc::new(builder.runtime(context.runtime().clone()).build()))
    }
}

#[derive(Debug)]
struct Acme {
    folder: PathBuf,
}

#[async_trait]
impl Deliver for Acme {
    type Connection = ();

    async fn open(&self, _until: Deadline) -> Result<(), Fault> {
        Ok(())
    }

    async fn deliver(&self, _connection: &(), event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        let path = self.folder.join(event.run_id().as_deref().unwrap_or("no-run"));
        let mut line = event.to_ndjson().into_owned();
        line.push(b'\n');
        let write = move || OpenOptions::new().append(true).create(true).open(path)?.write_all(&line);
        let failed = |error: std::io::Error| Fault::new(EmitErrorKind::Unavailable { code: 0 }).because(error);
        tokio::task::spawn_blocking(write).await.unwrap_or_else(|error| Err(error.into())).map_err(failed)
    }

    async fn shut(&self, _connection: &(), _until: Deadline) {}
}
