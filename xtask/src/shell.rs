//! How a program is started: always with its command line shown, always with no standard input.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// A cargo command in `root`, the same cargo that started this program.
pub(crate) fn cargo(root: &Path) -> Command {
    program(root, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Any program in `root`.
pub(crate) fn program(root: &Path, name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// Runs to the end with the output where the caller sees it.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| format!("`{}` does not start", line(command)))
}

/// Runs to the end; anything but success is an error that names the command.
pub(crate) fn must(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs to the end and hands back what it wrote to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("`{}` does not start", line(command)))?;
    if !output.status.success() {
        bail!("`{}` ended with {}: {}", line(command), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// The command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(name).chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_badly_is_an_error_that_names_it() {
        let error = must(program(Path::new("."), "false").arg("--loudly")).unwrap_err();
        assert!(error.to_string().starts_with("`false --loudly` ended with"), "{error}");
    }

    #[test]
    fn output_of_a_failed_program_is_not_taken_for_an_answer() {
        let error = output(program(Path::new("."), "sh").args(["-c", "echo half; echo why >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().ends_with(": why"), "{error}");
    }
}
