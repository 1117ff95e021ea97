//! Variables of the environment, as a facet of runs.

use std::fmt;

use crate::client::once::Once;
use crate::config::Environment;
use crate::facets::{EnvironmentVariable, EnvironmentVariablesRunFacet};
use crate::model::{DEFAULT_PRODUCER, Facets, ModelError, RunPlace};

/// The variables that were asked for and are set.
pub(super) struct Variables {
    set: Vec<EnvironmentVariable>,
    unreadable: Once,
}

impl Variables {
    /// Looks the names up, warns of those that are not set, and keeps the order in which they were asked for. `None`
    /// where none of them is set.
    pub(super) fn new(names: &[String], environment: &Environment) -> Option<Self> {
        let mut set: Vec<EnvironmentVariable> = Vec::new();
        let mut missing = Vec::new();
        for name in names {
            match environment.get(name) {
                None => missing.push(name.as_str()),
                Some(_) if set.iter().any(|known| known.name == *name) => {}
                Some(value) => set.push(EnvironmentVariable::new(name.as_str(), value)),
            }
        }
        if !missing.is_empty() {
            let missing = missing.join(", ");
            tracing::warn!(missing, "facets.environment_variables: names of variables that are not set");
        }
        (!set.is_empty()).then(|| Self { set, unreadable: Once::new() })
    }

    pub(super) fn run(&self, facets: &mut Facets<RunPlace>) {
        if let Err(error) = self.put(facets) {
            self.unreadable
                .warn(|| format!("the variables of an event stay as they are, they cannot be read: {error}"));
        }
    }

    /// What the event says of a variable stands, and stands in front.
    fn put(&self, facets: &mut Facets<RunPlace>) -> Result<(), ModelError> {
        let Some(came) = facets.get::<EnvironmentVariablesRunFacet>()? else {
            facets.insert_by(EnvironmentVariablesRunFacet::new(self.set.clone()), &DEFAULT_PRODUCER);
            return Ok(());
        };
        let is_new =
            |ours: &&EnvironmentVariable| !came.environment_variables.iter().any(|came| came.name == ours.name);
        let new: Vec<_> = self.set.iter().filter(is_new).cloned().collect();
        if !new.is_empty() {
            facets.edit::<EnvironmentVariablesRunFacet>(|facet| facet.environment_variables.extend(new))?;
        }
        Ok(())
    }
}

/// Names only: a value may be secret.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.set.iter().map(|variable| &variable.name)).finish()
    }
}
