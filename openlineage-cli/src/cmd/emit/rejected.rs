use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Keeps what was no event, and every event that was not delivered, for another try.
///
/// Each is written at once, so that it is there whatever ends this program.
pub(super) struct Rejected(Option<File>);

impl Rejected {
    /// Empties the file, which therefore must not be one of `inputs`.
    pub(super) fn open(path: Option<&Path>, inputs: &[PathBuf]) -> Result<Self> {
        let Some(path) = path else { return Ok(Self(None)) };
        let real = fs::canonicalize(path).ok();
        if real.is_some() && inputs.iter().any(|input| fs::canonicalize(input).ok() == real) {
            anyhow::bail!("--rejected: {} is read too, name another file", path.display());
        }
        let file = File::create(path).with_context(|| format!("--rejected: {}", path.display()))?;
        Ok(Self(Some(file)))
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn keep(&mut self, text: &[u8]) -> Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        file.write_all(&[text, b"\n"].concat()).context("--rejected")
    }
}
