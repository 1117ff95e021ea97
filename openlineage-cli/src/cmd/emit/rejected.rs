use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// Keeps what was no event, and every event that was not delivered, for another try.
pub(super) struct Rejected(Option<BufWriter<File>>);

impl Rejected {
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self(None)) };
        let file = File::create(path).with_context(|| format!("--rejected: {}", path.display()))?;
        Ok(Self(Some(BufWriter::new(file))))
    }

    pub(super) fn keep(&mut self, text: &[u8]) -> Result<()> {
        if let Some(file) = &mut self.0 {
            file.write_all(text).and_then(|()| file.write_all(b"\n")).context("--rejected")?;
        }
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<()> {
        self.0.as_mut().map_or(Ok(()), Write::flush).context("--rejected")
    }
}
