//! The destination: this program once more, in a process of its own.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;

pub(crate) use self::server::serve;
pub(crate) use self::tally::Tally;

mod server;
mod tally;

/// What a sink does with a request once all of it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Manner {
    /// Answers.
    AtOnce,
    /// Answers some milliseconds later, so that requests overlap.
    Late,
    /// Holds it.
    Never,
}

/// A running sink. It ends when this is dropped, because its standard input closes.
#[derive(Debug)]
pub(crate) struct Sink {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Sink {
    /// Starts a sink that stays on `core`, or goes where this process may go.
    pub(crate) fn start(core: Option<usize>, manner: Manner) -> Result<Self> {
        let mut command = Command::new(env::current_exe().context("cannot find this program")?);
        command.args(["sink", "--answer", manner.word()]).args(core.map(|core| format!("--core={core}")));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start the sink")?;
        let stdin = child.stdin.take().context("the sink has no standard input")?;
        let mut stdout = BufReader::new(child.stdout.take().context("the sink has no standard output")?);
        let address = next_line(&mut stdout)?.parse().context("the sink announced no address")?;
        Ok(Self { child, stdin, stdout, address })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the sink and checks that it answered exactly the acknowledged requests: neither a lost one nor a repeat.
    pub(crate) fn finish(self, acknowledged: usize) -> Result<Tally> {
        let tally = self.end()?;
        let answered = tally.answered;
        ensure!(answered == acknowledged, "the sink answered {answered} requests, the clients saw {acknowledged}");
        Ok(tally)
    }

    /// Ends the sink, whatever it answered.
    pub(crate) fn end(self) -> Result<Tally> {
        let Self { mut child, stdin, mut stdout, .. } = self;
        drop(stdin);
        let tally: Tally = serde_json::from_str(&next_line(&mut stdout)?).context("the sink told no counts")?;
        let status = child.wait().context("cannot wait for the sink")?;
        ensure!(status.success(), "the sink ended with {status}");
        Ok(tally)
    }
}

impl Manner {
    /// As the command line spells it.
    const fn word(self) -> &'static str {
        match self {
            Self::AtOnce => "at-once",
            Self::Late => "late",
            Self::Never => "never",
        }
    }
}

fn next_line(stdout: &mut BufReader<ChildStdout>) -> Result<String> {
    let mut line = String::new();
    stdout.read_line(&mut line).context("cannot read from the sink")?;
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_understands_the_words_it_is_given() {
        for manner in Manner::value_variants() {
            assert_eq!(Manner::from_str(manner.word(), false), Ok(*manner));
        }
    }
}
