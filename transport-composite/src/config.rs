use std::sync::Arc;
use std::time::Duration;

use openlineage_core::config::{BuildContext, ConfigError, Factory, Reach, Section};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::Transport;

use crate::breaker::CircuitBreaker;
use crate::builder::CompositeBuilder;

const KNOWN: [&str; 6] =
    ["transports", "continue_on_failure", "continue_on_success", "sort_transports", "leg_timeout", "circuit_breaker"];

/// Builds [`CompositeTransport`](crate::CompositeTransport)s from configuration: kind `composite`.
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `transports` | the legs: a list, or a map whose keys are their names; empty ones are left out | required |
/// | `continue_on_failure` | see the [policies](crate) | true |
/// | `continue_on_success` | see the [policies](crate) | true |
/// | `sort_transports` | try legs of a higher `priority` first; equal ones keep their order | false |
/// | `leg_timeout` | most time that one leg gets for an event, in seconds | a share of the caller's |
/// | `circuit_breaker` | `{failures: 5, open_for: 30}`, the latter in seconds: see [`CircuitBreaker`]; `{}` takes the defaults | none |
///
/// Every leg may have a `name` and a `priority` (0). The last two options are not the Python client's; the others are.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it is written as a value where a registry is made")]
pub struct CompositeFactory;

impl Factory for CompositeFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let mut builder = CompositeBuilder::new().info(context.info().clone()).runtime(context.runtime().clone());
        if let Some(goes_on) = options.flag("continue_on_failure")? {
            builder = builder.continue_on_failure(goes_on);
        }
        if let Some(goes_on) = options.flag("continue_on_success")? {
            builder = builder.continue_on_success(goes_on);
        }
        if let Some(limit) = seconds(&mut options, "leg_timeout")? {
            builder = builder.leg_timeout(limit);
        }
        if let Some(section) = options.section("circuit_breaker")? {
            builder = builder.circuit_breaker(breaker(section)?);
        }
        let is_sorted = options.flag("sort_transports")?.unwrap_or(false);
        let mut legs = options.children("transports")?;
        if legs.is_empty() {
            return Err(ConfigError::new(options.key("transports"), "empty").cure("describe at least one transport"));
        }
        options.finish(&KNOWN)?;
        if is_sorted {
            legs.sort_by_key(|leg| std::cmp::Reverse(leg.priority()));
        }
        for leg in &legs {
            builder = builder.leg(context.child(leg)?);
        }
        Ok(Arc::new(builder.build()))
    }

    /// Reaches for every leg, one after the other, each with its share of the time.
    fn reach(
        &self,
        mut options: Section,
        context: &BuildContext<'_>,
        until: Deadline,
    ) -> Result<Vec<Reach>, ConfigError> {
        let legs = options.children("transports")?;
        let mut all = Vec::new();
        for (place, leg) in legs.iter().enumerate() {
            let left = u32::try_from(legs.len() - place).unwrap_or(u32::MAX);
            let share = until.remaining().map_or(until, |rest| Deadline::after(rest / left));
            all.extend(context.reach_child(leg, share)?);
        }
        Ok(all)
    }
}

fn breaker(mut options: Section) -> Result<CircuitBreaker, ConfigError> {
    let defaults = CircuitBreaker::default();
    let failures = match options.whole("failures")? {
        None => defaults.failures,
        Some(failures) => u32::try_from(failures).ok().filter(|failures| *failures > 0).ok_or_else(|| {
            ConfigError::new(options.key("failures"), "not a number of failures").cure("write it like 5")
        })?,
    };
    let open_for = seconds(&mut options, "open_for")?.unwrap_or(defaults.open_for);
    options.finish(&["failures", "open_for"])?;
    Ok(CircuitBreaker::new(failures, open_for))
}

fn seconds(options: &mut Section, name: &str) -> Result<Option<Duration>, ConfigError> {
    let Some(number) = options.number(name)? else { return Ok(None) };
    match Duration::try_from_secs_f64(number) {
        Ok(limit) if !limit.is_zero() => Ok(Some(limit)),
        _ => Err(ConfigError::new(options.key(name), "not a time").cure("write seconds, like 2.5")),
    }
}
