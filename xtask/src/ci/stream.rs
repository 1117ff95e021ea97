//! Runs a program and reads along: every line goes on to an output at once, and to a reader.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;

use anyhow::{Context, Result};

use crate::shell;

/// Both outputs of the program come out on `out`, line by line, in the order of their arrival.
pub(super) fn run(command: &mut Command, out: &mut dyn Write, read: &mut dyn FnMut(&str)) -> Result<ExitStatus> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("`{}` does not start", shell::line(command)))?;
    let (sender, lines) = mpsc::channel();
    let sources: [Option<Box<dyn Read + Send>>; 2] =
        [child.stdout.take().map(|pipe| Box::new(pipe) as _), child.stderr.take().map(|pipe| Box::new(pipe) as _)];
    std::thread::scope(|scope| {
        for source in sources.into_iter().flatten() {
            let sender = sender.clone();
            scope.spawn(move || forward(source, &sender));
        }
        drop(sender);
        for line in lines {
            out.write_all(&line).and_then(|()| out.flush()).context("our own output is gone")?;
            read(String::from_utf8_lossy(&line).trim_end());
        }
        child.wait().context("the end of the program is unknown")
    })
}

fn forward(source: impl Read, sender: &mpsc::Sender<Vec<u8>>) {
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    while source.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        if sender.send(std::mem::take(&mut line)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn both_outputs_are_read_and_the_status_is_handed_on() {
        let (mut lines, mut out) = (Vec::new(), Vec::new());
        let mut command = shell::program(Path::new("."), "sh");
        command.args(["-c", "echo out; echo err >&2; printf tail; exit 3"]);
        let status = run(&mut command, &mut out, &mut |line| lines.push(line.to_owned())).unwrap();
        lines.sort();
        assert_eq!(status.code(), Some(3));
        assert_eq!(lines, ["err", "out", "tail"]);
        assert_eq!(out.len(), "err\nout\ntail".len());
    }

    #[test]
    fn a_program_that_does_not_exist_is_an_error() {
        assert!(
            run(&mut shell::program(Path::new("."), "no-such-program-here"), &mut std::io::sink(), &mut |_| {})
                .is_err()
        );
    }
}
