//! What it takes to get a transport that is there already, and to build a client before it.

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use anyhow::{Context as _, Result, ensure};
use openlineage::composite::{Retain, TransportCache};
use openlineage::config::{Environment, Loader};
use openlineage_core::transport::TransportSource as _;

use super::Stage;
use crate::cpu;
use crate::figures::Goal::AtLeast;
use crate::figures::{Figure, Reading};

const GETS: usize = 100_000;
const BUILDS: usize = 10_000;
/// Nothing is sent, so nobody needs to be there.
pub(super) const NOWHERE: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9));

pub(super) const FIGURES: [Reading<Taken>; 2] = [
    Reading { figure: "get_prepared_per_s", of: |taken| taken.gets, goal: Some(AtLeast(500_000.0)) },
    Reading { figure: "build_client_per_s", of: |taken| taken.builds, goal: Some(AtLeast(30_000.0)) },
];

/// Both in a second of one core.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    gets: f64,
    builds: f64,
}

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let config = super::as_config(&super::configuration(NOWHERE, NOWHERE));
    let environment = Environment::default();
    let loaded = Loader::new(environment.clone()).config(config.clone()).load()?;
    let spec = loaded.settings.transport.context("no transport is configured")?;
    let (cache, registry) = (TransportCache::new(Retain::Process), openlineage::registry());
    let round = |_| {
        let gets = per_second(stage.setup.events(GETS), || {
            drop(black_box(cache.get(&spec, &registry)?));
            Ok(())
        })?;
        let builds = per_second(stage.setup.events(BUILDS), || {
            drop(black_box(super::client(&config, &environment)?));
            Ok(())
        })?;
        Ok(Taken { gets, builds })
    };
    let rounds = (0..stage.rounds()).map(round).collect::<Result<Vec<_>>>()?;
    let kept = [&cache, TransportCache::process()].map(TransportCache::len);
    ensure!(kept == [3, 3], "the caches keep {kept:?} transports, not a composite and two legs each");
    Ok(stage.figures(&FIGURES, &rounds))
}

/// Nothing in it waits, so that the processor time is all that it takes.
fn per_second(times: usize, mut what: impl FnMut() -> Result<()>) -> Result<f64> {
    let begun = cpu::spent();
    for _ in 0..times {
        what()?;
    }
    Ok(times as f64 / (cpu::spent() - begun).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_an_error_ends_it() {
        let mut done = 0;
        let rate = per_second(1_000, || {
            done += black_box(1);
            Ok(())
        });
        assert!(rate.unwrap() > 1_000.0);
        assert_eq!(done, 1_000);
        assert!(per_second(1, || anyhow::bail!("refused")).is_err());
    }
}
