//! The benches: one file or folder, and one row of the table, each.

use anyhow::Result;

use self::stage::Stage;
use crate::figures::Figure;
use crate::report::Report;
use crate::setup::Setup;

pub(crate) mod cache;
pub(crate) mod clients;
mod gzip;
mod http;
#[cfg(feature = "kafka")]
pub(crate) mod kafka;
mod modes;
pub(crate) mod queue;
mod stage;

/// The name that stands for every bench.
pub(crate) const ALL: &str = "all";

const BENCHES: &[Bench] = &[
    Bench { name: "http", about: "typed event to acknowledged, over HTTP", parts: &[], run: http::run },
    Bench { name: "queue", about: "the queue before HTTP", parts: &queue::PARTS, run: queue::run },
    Bench { name: "clients", about: "many clients that do nothing", parts: &[], run: clients::run },
    Bench {
        name: "cache",
        about: "clients of one configuration, and the legs of a composite",
        parts: &cache::PARTS,
        run: cache::run,
    },
    #[cfg(feature = "kafka")]
    Bench { name: "kafka", about: "events to a broker, beside bare rdkafka", parts: &kafka::PARTS, run: kafka::run },
    Bench { name: "gzip", about: "typed event to a compressed body", parts: &[], run: gzip::run },
    Bench { name: "modes", about: "what a mode of emission costs its host, over HTTP", parts: &[], run: modes::run },
];

/// A bench by name.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    parts: &'static [Part],
    pub(crate) run: fn(&Setup, &mut Report) -> Result<()>,
}

/// A part of a bench that can be taken by itself.
#[derive(Debug)]
pub(crate) struct Part {
    name: &'static str,
    take: fn(&Stage<'_>) -> Result<Vec<Figure>>,
}

/// What may be asked for on the command line.
pub(crate) fn choices() -> impl Iterator<Item = &'static str> {
    BENCHES.iter().map(|bench| bench.name).chain([ALL])
}

/// The benches that `name` stands for.
pub(crate) fn named(name: &str) -> impl Iterator<Item = &'static Bench> {
    BENCHES.iter().filter(move |bench| name == ALL || name == bench.name)
}

/// What may be asked for as a part.
pub(crate) fn parts() -> impl Iterator<Item = &'static str> {
    BENCHES.iter().flat_map(|bench| bench.parts).map(|part| part.name)
}

impl Bench {
    /// Whether there is anything to do in it where only `part` is wanted.
    pub(crate) fn has(&self, part: Option<&str>) -> bool {
        part.is_none_or(|part| self.parts.iter().any(|own| own.name == part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_has_its_own_parts_alone() {
        let has = |bench, part| named(bench).any(|bench| bench.has(part));
        assert!(has("http", None) && has("queue", None) && has(ALL, Some("wake")));
        assert!(has("queue", Some("wake")) && !has("http", Some("wake")));
    }
}
