use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use openlineage_core::config::{ConfigError, Environment};

use crate::mode::{Mode, TaskOptions, ThreadOptions};

const IN_THREAD: &str = "execute_in_thread";
const TIMEOUT: &str = "execution_timeout";
const POOL_SIZE: &str = "dag_state_change_process_pool_size";

/// The modes that stand for what is set in the section `[openlineage]` of an Airflow configuration.
///
/// | option | there | here |
/// | --- | --- | --- |
/// | `execution_timeout` (whole seconds, 10) | most time a task's listener holds the worker; not kept by the pool | the same for `task`; `dag_run` keeps it too |
/// | `execute_in_thread` (false) | a thread for each event of a task, else a forked child | a thread either way: nothing here forks. An explicit `false` is logged |
/// | `dag_state_change_process_pool_size` (1) | processes that emit for DAG runs, behind a queue without bounds | events of DAG runs at the transport at once, behind a bounded queue |
///
/// ```
/// use openlineage_emit_modes::{AirflowModes, Mode};
///
/// let modes = AirflowModes::of([("execute_in_thread", "True"), ("execution_timeout", "5")])?;
/// assert_eq!(modes.task.execution_timeout().as_secs(), 5);
/// assert!(matches!(modes.dag_run, Mode::Task(_)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct AirflowModes {
    /// For events of tasks, whose listener runs beside user code: the host waits.
    pub task: Mode,
    /// For events of DAG runs, which the scheduler hands over and forgets.
    pub dag_run: Mode,
}

impl AirflowModes {
    /// From options by their names; others are not looked at.
    ///
    /// # Errors
    ///
    /// A value that Airflow would not read either: it names the option.
    pub fn of<N: AsRef<str>, V: AsRef<str>>(options: impl IntoIterator<Item = (N, V)>) -> Result<Self, ConfigError> {
        let mut known = HashMap::new();
        for (name, value) in options {
            if let Some(name) = [IN_THREAD, TIMEOUT, POOL_SIZE].into_iter().find(|known| *known == name.as_ref()) {
                known.insert(name, value.as_ref().trim().to_owned());
            }
        }
        Self::read(|name| known.get(name).cloned())
    }

    /// From the variables `AIRFLOW__OPENLINEAGE__EXECUTION_TIMEOUT` and so on.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let variable = |name: &str| format!("AIRFLOW__OPENLINEAGE__{}", name.to_uppercase());
        Self::read(|name| environment.get(&variable(name)).map(|value| value.trim().to_owned()))
    }

    fn read(option: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let read = |name, default| match option(name).filter(|value| !value.is_empty()) {
            Some(value) => whole(name, &value),
            None => Ok(default),
        };
        let limit = Duration::from_secs(read(TIMEOUT, 10)?);
        let size = read(POOL_SIZE, 1)?;
        let lanes = usize::try_from(size).ok().and_then(NonZeroUsize::new);
        let lanes = lanes.ok_or_else(|| ConfigError::new(POOL_SIZE, "no process at all").cure("write 1 or more"))?;
        if let Some(value) = option(IN_THREAD).filter(|value| !value.is_empty())
            && !flag(&value)?
        {
            tracing::warn!("{IN_THREAD} asks for a fork for each event; nothing here forks, a thread does it");
        }
        Ok(Self {
            task: Mode::Thread(ThreadOptions { execution_timeout: limit, ..ThreadOptions::default() }),
            dag_run: Mode::Task(TaskOptions { execution_timeout: limit, lanes, ..TaskOptions::default() }),
        })
    }
}

impl Default for AirflowModes {
    /// What Airflow does where nothing is set, but for the fork.
    fn default() -> Self {
        let lanes = NonZeroUsize::MIN;
        Self { task: Mode::thread(), dag_run: Mode::Task(TaskOptions { lanes, ..TaskOptions::default() }) }
    }
}

fn whole(name: &str, value: &str) -> Result<u64, ConfigError> {
    value.parse().map_err(|_| ConfigError::new(name, "not a whole number of zero or more").cure("write it like 10"))
}

/// As Airflow reads it.
fn flag(value: &str) -> Result<bool, ConfigError> {
    match value.to_ascii_lowercase().as_str() {
        "t" | "true" | "1" => Ok(true),
        "f" | "false" | "0" => Ok(false),
        _ => Err(ConfigError::new(IN_THREAD, "neither true nor false").cure("write True or False")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(modes: &AirflowModes) -> (u64, u64, usize) {
        let (Mode::Thread(task), Mode::Task(dag_run)) = (&modes.task, &modes.dag_run) else { panic!("{modes:?}") };
        (task.execution_timeout.as_secs(), dag_run.execution_timeout.as_secs(), dag_run.lanes.get())
    }

    #[test]
    fn without_options_it_is_airflows_defaults() {
        let none: [(&str, &str); 0] = [];
        assert_eq!(parts(&AirflowModes::of(none).unwrap()), (10, 10, 1));
        assert_eq!(parts(&AirflowModes::default()), (10, 10, 1));
    }

    #[test]
    fn options_and_variables_say_the_same() {
        let options = [("execution_timeout", " 7 "), ("dag_state_change_process_pool_size", "3"), ("namespace", "x")];
        assert_eq!(parts(&AirflowModes::of(options).unwrap()), (7, 7, 3));
        let variables = Environment::of([
            ("AIRFLOW__OPENLINEAGE__EXECUTION_TIMEOUT", "7"),
            ("AIRFLOW__OPENLINEAGE__DAG_STATE_CHANGE_PROCESS_POOL_SIZE", "3"),
            ("AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD", "t"),
        ]);
        assert_eq!(parts(&AirflowModes::from_environment(&variables).unwrap()), (7, 7, 3));
    }

    #[test]
    fn what_airflow_would_not_read_is_refused_by_name() {
        for (name, value) in [
            ("execution_timeout", "2.5"),
            ("execution_timeout", "-1"),
            ("dag_state_change_process_pool_size", "0"),
            ("execute_in_thread", "yes"),
        ] {
            assert_eq!(AirflowModes::of([(name, value)]).unwrap_err().key(), name, "{value}");
        }
    }
}
