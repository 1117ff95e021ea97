//! `openlineage check`: what is configured, where each value comes from, and what is wrong with it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use openlineage::blocking;
use openlineage::builtin::Stream;
use openlineage::config::{Found, Line, Reach, Registry, Warnings};
use openlineage::lifecycle::{CloseReport, Deadline};
use openlineage::transport::Transport;
use serde::Serialize;
use serde_json::json;

use crate::args::{Check, Common, Format};
use crate::configuration::Configured;
use crate::exit;
use crate::report::result;

/// What was found.
struct Findings {
    values: Vec<Line>,
    tree: String,
    kind: String,
    legs: Vec<Leg>,
    disabled: bool,
    warnings: Vec<String>,
    error: Option<String>,
    reached: Vec<Reach>,
}

/// For all destinations together.
const CONNECTING: Duration = Duration::from_secs(5);

pub(crate) fn check(args: &Check, common: &Common, registry: &Registry) -> Result<ExitCode> {
    let configured = Configured::load(common, args.strict)?;
    let mut findings = find(&configured, registry, args.strict);
    if args.connect && findings.error.is_none() && !findings.disabled {
        let until = Deadline::after(common.timeout.unwrap_or(CONNECTING));
        findings.reached = configured.reach(registry, until)?;
    }
    match common.format {
        Format::Text => result(&findings.text()),
        Format::Json => result(&findings.json().to_string()),
    }
    Ok(ExitCode::from(findings.exit()))
}

/// Builds the transport, which starts nothing but looks at every option.
fn find(configured: &Configured, registry: &Registry, strict: bool) -> Findings {
    let warnings = if strict { Warnings::refused() } else { Warnings::collected() };
    let built = configured.build(Stream::Stdout, registry, &warnings);
    let loaded = configured.loaded();
    let all = loaded.warnings.iter().map(ToString::to_string);
    Findings {
        values: loaded.explain(),
        tree: loaded.render(),
        kind: loaded.settings.transport_or_console().kind().to_owned(),
        legs: built.as_ref().map(|transport| Leg::all(&**transport)).unwrap_or_default(),
        disabled: loaded.settings.disabled,
        warnings: all.chain(warnings.take().iter().map(ToString::to_string)).collect(),
        error: built.err().map(|error| format!("{error:#}")),
        reached: Vec::new(),
    }
}

impl Findings {
    fn exit(&self) -> u8 {
        match (&self.error, self.reached.iter().any(Reach::has_failed)) {
            (Some(_), _) => exit::USAGE,
            (None, true) => exit::UNDELIVERED,
            (None, false) => 0,
        }
    }

    fn text(&self) -> String {
        let mut out: Vec<String> = self.tree.lines().map(str::to_owned).collect();
        out.extend(self.warnings.iter().map(|warning| format!("warning: {warning}")));
        out.extend(self.error.iter().map(|error| format!("error: {error}")));
        out.push(match (self.disabled, &self.error) {
            (true, _) => "OPENLINEAGE_DISABLED is true: nothing is sent".to_owned(),
            (false, Some(_)) => "not usable".to_owned(),
            (false, None) => format!("events go to: {}", self.kind),
        });
        if !self.disabled {
            self.legs.iter().for_each(|leg| leg.write(1, &mut out));
        }
        out.extend(self.reached.iter().map(|reach| match &reach.found {
            Found::Reached(said) => format!("reached {}: {said}", reach.info),
            Found::NotReached(why) => format!("not reached: {}: {why}", reach.info),
            Found::NotAsked => format!("{}: there is nothing to reach for without an event", reach.info),
        }));
        out.join("\n")
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "values": self.values,
            "transport": self.kind,
            "legs": self.legs,
            "disabled": self.disabled,
            "warnings": self.warnings,
            "error": self.error,
            "reached": self.reached.iter().map(reach_json).collect::<Vec<_>>(),
        })
    }
}

fn reach_json(reach: &Reach) -> serde_json::Value {
    let (reached, said) = match &reach.found {
        Found::Reached(said) => (Some(true), Some(said)),
        Found::NotReached(why) => (Some(false), Some(why)),
        Found::NotAsked => (None, None),
    };
    json!({ "name": reach.info.name.as_deref(), "type": &*reach.info.kind, "reached": reached, "said": said })
}

/// What a transport hands its events to.
#[derive(Serialize)]
struct Leg {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    legs: Vec<Self>,
}

impl Leg {
    /// The legs of a transport that is not needed any more: its report names them, and closing it before its first event
    /// starts nothing.
    fn all(transport: &dyn Transport) -> Vec<Self> {
        let report = blocking::close(transport, Deadline::now());
        report.map(|report| report.children.iter().map(Self::of).collect()).unwrap_or_default()
    }

    fn of(report: &CloseReport) -> Self {
        Self {
            name: report.info.name.as_deref().map(str::to_owned),
            kind: report.info.kind.to_string(),
            legs: report.children.iter().map(Self::of).collect(),
        }
    }

    fn write(&self, depth: usize, out: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        out.push(match &self.name {
            Some(name) => format!("{indent}{name}: {}", self.kind),
            None => format!("{indent}{}", self.kind),
        });
        self.legs.iter().for_each(|leg| leg.write(depth + 1, out));
    }
}
