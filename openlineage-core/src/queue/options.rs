use super::{Limits, WhenFull};
use crate::config::{ConfigError, Section};

impl Limits {
    /// The options that [`read`](Self::read) takes, for [`Section::finish`].
    pub const OPTIONS: [&str; 5] =
        ["max_queue_size", "max_concurrent_requests", "max_queue_bytes", "max_age", "drop_oldest"];

    /// Takes the options of a queue, as every kind that queues spells them. The first two are the Python client's.
    ///
    /// | option | meaning | default |
    /// | --- | --- | --- |
    /// | `max_queue_size` | [`events`](Self::events), above zero | 10000 |
    /// | `max_concurrent_requests` | [`concurrent`](Self::concurrent), above zero | 100 |
    /// | `max_queue_bytes` | [`bytes`](Self::bytes), above zero | 67108864 |
    /// | `max_age` | [`max_age`](Self::max_age) in seconds, above zero | any age |
    /// | `drop_oldest` | [`when_full`](Self::when_full) | false |
    ///
    /// # Errors
    ///
    /// An option that is there and cannot be used, by its key.
    pub fn read(options: &mut Section) -> Result<Self, ConfigError> {
        let mut limits = Self::default();
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
        limits.max_age = options.seconds("max_age")?;
        if limits.max_age.is_some_and(|age| age.is_zero()) {
            let error = ConfigError::new(options.key("max_age"), "zero");
            return Err(error.cure("give seconds, such as 3600, or leave it out"));
        }
        if options.flag("drop_oldest")?.unwrap_or(false) {
            limits.when_full = WhenFull::DropOldest;
        }
        Ok(limits)
    }
}
