//! Runs a program and reads along: every line goes on to an output at once, and to a reader.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::shell;

/// How long the output of a program that ended may stay open.
const GRACE: Duration = Duration::from_secs(5);

enum Said {
    Line(Vec<u8>),
    End(io::Result<ExitStatus>),
}

/// Both outputs of the program come out on `out`, line by line, in the order of their arrival.
///
/// A process that the program leaves behind, and that holds its output open, is an error and not an endless wait.
pub(super) fn run(command: &mut Command, out: &mut dyn Write, read: &mut dyn FnMut(&str)) -> Result<ExitStatus> {
    run_within(GRACE, command, out, read)
}

fn run_within(
    grace: Duration,
    command: &mut Command,
    out: &mut dyn Write,
    read: &mut dyn FnMut(&str),
) -> Result<ExitStatus> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().with_context(|| format!("`{}` does not start", shell::line(command)))?;
    let said = listen(child);
    let mut end = None;
    loop {
        let next = if end.is_some() { said.recv_timeout(grace) } else { said.recv().map_err(Into::into) };
        match next {
            Ok(Said::Line(line)) => {
                out.write_all(&line).and_then(|()| out.flush()).context("our own output is gone")?;
                read(String::from_utf8_lossy(&line).trim_end());
            }
            Ok(Said::End(status)) => end = Some(status),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => bail!("a process left behind still holds the output"),
        }
    }
    end.context("the program was not waited for")?.context("the end of the program is unknown")
}

/// One thread for each output and one for the end; none is joined, so none can hold us.
fn listen(mut child: Child) -> mpsc::Receiver<Said> {
    let (sender, said) = mpsc::channel();
    let sources: [Option<Box<dyn Read + Send>>; 2] =
        [child.stdout.take().map(|pipe| Box::new(pipe) as _), child.stderr.take().map(|pipe| Box::new(pipe) as _)];
    for source in sources.into_iter().flatten() {
        let sender = sender.clone();
        std::thread::spawn(move || forward(source, &sender));
    }
    std::thread::spawn(move || sender.send(Said::End(child.wait())));
    said
}

fn forward(source: impl Read, sender: &mpsc::Sender<Said>) {
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    while source.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        if sender.send(Said::Line(std::mem::take(&mut line))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = shell::program(Path::new("."), "sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_outputs_are_read_and_the_status_is_handed_on() {
        let (mut lines, mut out) = (Vec::new(), Vec::new());
        let mut read = |line: &str| lines.push(line.to_owned());
        let status = run(&mut sh("echo out; echo err >&2; printf tail; exit 3"), &mut out, &mut read).unwrap();
        lines.sort();
        assert_eq!(status.code(), Some(3));
        assert_eq!(lines, ["err", "out", "tail"]);
        assert_eq!(out.len(), "err\nout\ntail".len());
    }

    #[test]
    fn a_process_left_behind_does_not_hold_us() {
        let error = run_within(Duration::ZERO, &mut sh("sleep 2 & exit 0"), &mut io::sink(), &mut |_| {}).unwrap_err();
        assert_eq!(error.to_string(), "a process left behind still holds the output");
    }

    #[test]
    fn a_program_that_does_not_exist_is_an_error() {
        let mut command = shell::program(Path::new("."), "no-such-program-here");
        assert!(run(&mut command, &mut io::sink(), &mut |_| {}).is_err());
    }
}
