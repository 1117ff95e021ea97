//! What can be written on the command line, and its help.

use std::ffi::OsString;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use openlineage::client::ParentRunId;
use openlineage::model::{InputDataset, OutputDataset};

/// Emit OpenLineage events: around a command, or from files.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_long_help = TRANSPORTS)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const TRANSPORTS: &str = r#"Transports (--transport JSON, or @FILE that holds it):
  {"type": "console"}                                         events on stdout (for run: stderr); the default
  {"type": "file", "log_file_path": "events.ndjson", "append": true}
  {"type": "http", "url": "http://localhost:5000"}            POST to /api/v1/lineage
  {"type": "http", "url": "https://lineage.example", "auth": {"type": "api_key", "apiKey": "..."}, "compression": "gzip"}
  {"type": "async_http", "url": "http://localhost:5000"}      the same from a queue: runs beside each other
  {"type": "datadog", "site": "datadoghq.eu"}                 to Datadog, with the key in DD_API_KEY
  {"type": "kafka", "topic": "lineage", "config": {"bootstrap.servers": "localhost:9092"}}
                                                              to Kafka, in a build with feature kafka
  {"type": "noop"}                                            nothing
Prefer @FILE where there is a secret: arguments can be seen by other users of the machine."#;

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// Configuration file [default: $OPENLINEAGE_CONFIG, ./openlineage.yml, ~/.openlineage/openlineage.yml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where events go, instead of what is configured: a JSON object with `type` and its options, or @FILE
    #[arg(long, global = true, value_name = "JSON|@FILE")]
    pub(crate) transport: Option<String>,
    /// How long to wait for the lineage backend [default: run 5 in all, emit 10 an event, check --connect 5]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// How to report what became of the events; json goes to stdout where that is free, else to stderr
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Say more; repeat for debug output
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Mode {
    Inline,
    Thread,
    Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Run),
    Emit(Emit),
    Check(Check),
}

/// Show what is configured, where each value comes from, and what is wrong with it
///
/// Reads the configuration file, the variables and the options as the other commands do, prints the result with secrets
/// masked, and builds the transport without starting it. No event is sent.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  openlineage check
  openlineage check --config staging.yml --strict
  openlineage check --connect --timeout 3
  OPENLINEAGE_URL=http://localhost:5000 openlineage check --format json

Exit codes: 0 usable; 1 with --connect, a destination was not reached; 2 wrong arguments
or configuration (with --strict, also where there is a warning)."#)]
pub(crate) struct Check {
    /// Treat warnings, such as unknown keys, as errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Reach for every destination, too, without sending an event: log in to the Kafka cluster and ask for the topic, post
    /// an empty body to an HTTP server [time: --timeout, or 5 seconds in all]
    #[arg(long)]
    pub(crate) connect: bool,
}

/// Run a command as a run of a job, and tell the lineage backend how it went
///
/// Emits START, then COMPLETE, FAIL with the error, or ABORT if a signal ended the command. The command's input, output
/// and exit code stay its own; lineage never makes it fail or wait, except for at most --timeout seconds after its end.
/// It finds its run in the variable OPENLINEAGE_PARENT_ID, so that what it starts can name it as parent.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  openlineage run --namespace demo --job hello -- echo hi
  openlineage run --namespace etl --job orders \
      --input postgres://db:5432:shop.orders --output s3://lake:orders/daily \
      --transport '{"type":"http","url":"http://localhost:5000"}' -- ./load.sh
  openlineage run --namespace etl --job child \
      --parent etl/nightly/0198b9a1-0000-7000-8000-000000000001 -- make

Exit codes: the command's own; 127 not found; 126 not executable; 128 + N killed by
signal N; 2 wrong arguments.
Signals: HUP, TERM, USR1 and USR2 are passed on to the command; INT and QUIT are left to
the terminal, which sends them to both."#)]
pub(crate) struct Run {
    /// Namespace of the job
    #[arg(long)]
    pub(crate) namespace: String,
    /// Name of the job
    #[arg(long)]
    pub(crate) job: String,
    /// The run that started this one; `/` within a part is written %2F [default: $OPENLINEAGE_PARENT_ID]
    #[arg(long, value_name = "NS/NAME/RUNID")]
    pub(crate) parent: Option<ParentRunId>,
    /// A dataset the command reads; scheme and port of a URL belong to the namespace
    #[arg(long, value_name = "NS:NAME", value_parser = dataset)]
    pub(crate) input: Vec<Dataset>,
    /// A dataset the command writes
    #[arg(long, value_name = "NS:NAME", value_parser = dataset)]
    pub(crate) output: Vec<Dataset>,
    /// Add the facets in this JSON file, {"run": {KEY: FACET}, "job": {..}}; the command may write it
    #[arg(long, value_name = "FILE")]
    pub(crate) facet_file: Option<PathBuf>,
    /// Do not run the command if the lineage configuration is wrong (exit 2)
    #[arg(long)]
    pub(crate) strict: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD ARGS")]
    pub(crate) command: Vec<OsString>,
}

/// Send events from files: one JSON object a line (NDJSON), a JSON array, or objects one after the other
///
/// Events go out as they stand, byte for byte, in bounded memory; events of one run go out in their order. A line that
/// is no event is reported with file and line and does not stop the others.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  openlineage emit events.ndjson --transport '{"type":"http","url":"http://localhost:5000"}'
  zcat old/*.gz | openlineage emit - --transport @backend.json --rejected rejected.ndjson
  openlineage emit big.ndjson --offset 1048576        # go on where an earlier call gave up

Exit codes: 0 everything was delivered; 1 something was not, or was no event; 2 wrong
arguments or configuration, nothing was sent; 128 + N stopped by signal N.
Whatever stops it, it says where to go on; what was under way then may be sent twice."#)]
pub(crate) struct Emit {
    /// Files to read, `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write what was no event, and every event that was not delivered, to this file, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) rejected: Option<PathBuf>,
    /// Add what is configured for events: tags, environment variables, source location, shorter dataset names
    #[arg(long)]
    pub(crate) enrich: bool,
    /// Stop after this many undelivered events in a row
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) give_up_after: NonZeroU64,
    /// Most events under way at once, whatever the transport allows
    #[arg(long, value_name = "N", default_value = "16")]
    pub(crate) concurrency: NonZeroUsize,
    /// Where events are emitted: inline, on a thread each, or as tasks behind a bounded queue
    #[arg(long, value_name = "MODE", default_value = "inline")]
    pub(crate) mode: Mode,
    /// Most time for one event, whatever its mode [default: --timeout]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) execution_timeout: Option<Duration>,
    /// Skip this many bytes of the first file
    #[arg(long, value_name = "BYTES", default_value = "0")]
    pub(crate) offset: u64,
    /// Largest event, in bytes; a larger one is reported and skipped
    #[arg(long, value_name = "BYTES", default_value = "67108864")]
    pub(crate) max_event_bytes: NonZeroUsize,
}

/// A dataset as it is named on the command line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dataset {
    namespace: String,
    name: String,
}

impl Dataset {
    pub(crate) fn input(&self) -> InputDataset {
        InputDataset::new(self.namespace.as_str(), self.name.as_str())
    }

    pub(crate) fn output(&self) -> OutputDataset {
        OutputDataset::new(self.namespace.as_str(), self.name.as_str())
    }
}

/// Namespaces are often URLs, so neither the colon of a scheme nor that of a port ends one.
fn dataset(text: &str) -> Result<Dataset, String> {
    let authority = text.find("://").map_or(0, |at| at + 3);
    let port = |at: usize| {
        let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        let rest = &text[at + 1 + digits.len()..];
        authority > 0 && !digits.is_empty() && (rest.is_empty() || rest.starts_with([':', '/']))
    };
    let colon = text[authority..].match_indices(':').map(|(at, _)| authority + at).find(|at| !port(*at));
    match colon.map(|at| (&text[..at], &text[at + 1..])) {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
            Ok(Dataset { namespace: namespace.to_owned(), name: name.to_owned() })
        }
        _ => Err("write NAMESPACE:NAME, such as postgres://db:5432:shop.orders".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = f64::from_str(text).ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "write a number of seconds of zero or more, such as 2.5".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_dataset_is_split_where_its_namespace_ends() {
        for (text, namespace, name) in [
            ("postgres://db:5432:shop.orders", "postgres://db:5432", "shop.orders"),
            ("s3://lake:orders/daily", "s3://lake", "orders/daily"),
            ("bigquery:project.set.table", "bigquery", "project.set.table"),
            ("file:/tmp/x:y", "file", "/tmp/x:y"),
            ("kafka://broker:9092:topic:1", "kafka://broker:9092", "topic:1"),
        ] {
            let dataset = dataset(text).unwrap();
            assert_eq!((dataset.namespace.as_str(), dataset.name.as_str()), (namespace, name), "{text}");
        }
        for text in ["", "orders", ":x", "x:", "s3://lake", "postgres://db:5432"] {
            assert!(dataset(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_limit_is_a_number_of_seconds() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
        for text in ["-1", "nan", "inf", "1s", ""] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
