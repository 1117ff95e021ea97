use openlineage_core::config::{ConfigError, Section};
use openlineage_core::queue::{Limits, WhenFull};

use super::retry;

/// What [`read`] takes.
pub(super) const KNOWN: [&str; 5] =
    ["max_queue_size", "max_concurrent_requests", "max_queue_bytes", "max_age", "drop_oldest"];

/// Takes the options of the queue.
pub(super) fn read(options: &mut Section) -> Result<Limits, ConfigError> {
    let mut limits = Limits::default();
    for (name, limit) in [
        ("max_queue_size", &mut limits.events),
        ("max_concurrent_requests", &mut limits.concurrent),
        ("max_queue_bytes", &mut limits.bytes),
    ] {
        if let Some(most) = options.whole(name)? {
            let default = *limit;
            *limit = usize::try_from(most).unwrap_or(0);
            if *limit == 0 {
                let error = ConfigError::new(options.key(name), "not above zero");
                return Err(error.cure(format!("leave it out or write {default}, which is the default")));
            }
        }
    }
    limits.max_age = retry::seconds(options, "max_age")?;
    if limits.max_age.is_some_and(|age| age.is_zero()) {
        let error = ConfigError::new(options.key("max_age"), "zero");
        return Err(error.cure("give seconds, such as 3600, or leave it out"));
    }
    if options.flag("drop_oldest")?.unwrap_or(false) {
        limits.when_full = WhenFull::DropOldest;
    }
    Ok(limits)
}
