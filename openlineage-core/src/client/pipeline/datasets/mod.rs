//! Reduction of datasets: the parts of one, each read or written under a name of its own, become one dataset whose
//! facet `subset` names them.

mod dates;
mod lineage;
mod trimmers;

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use self::trimmers::Trimmers;
use crate::config::DatasetSettings;
use crate::facets::{InputSubsetInputDatasetFacet, OutputSubsetOutputDatasetFacet, SubsetCondition};
use crate::model::{DEFAULT_PRODUCER, InputDataset, List, OutputDataset, RunEvent};

/// Reduces the datasets of run events.
pub(super) struct Reducer(Trimmers);

impl Reducer {
    /// `None` where reduction is off, as it is by default.
    pub(super) fn new(settings: &DatasetSettings) -> Option<Self> {
        let trimmers = || Self(Trimmers::new(&settings.disabled_trimmers, &settings.extra_trimmers));
        settings.reducing_enabled.then(trimmers)
    }

    pub(super) fn run(&self, event: &mut RunEvent) {
        self.reduce(event.inputs.as_mut());
        for output in event.outputs.iter_mut().flat_map(|outputs| outputs.iter_mut()) {
            lineage::trim(&mut output.facets, &self.0);
        }
        self.reduce(event.outputs.as_mut());
    }

    fn reduce<D: Part>(&self, datasets: Option<&mut List<D>>) {
        let Some(datasets) = datasets else { return };
        let mut wholes: Vec<Whole<D>> = Vec::with_capacity(datasets.len());
        let mut by_name: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for mut dataset in std::mem::take(datasets).into_vec() {
            let part = self.0.trim(dataset.name()).map(str::to_owned).map(|left| dataset.rename(left));
            let known = by_name.entry((dataset.namespace().to_owned(), dataset.name().to_owned())).or_default();
            let same = known.iter().copied().find(|index| wholes[*index].dataset.has_facets_of(&dataset));
            let index = same.unwrap_or_else(|| {
                known.push(wholes.len());
                wholes.push(Whole { dataset, parts: BTreeSet::new() });
                wholes.len() - 1
            });
            wholes[index].parts.extend(part);
        }
        *datasets = wholes.into_iter().map(Whole::into_dataset).collect();
    }
}

impl fmt::Debug for Reducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reducer")
    }
}

/// A dataset and the names of its parts, those that were cut.
struct Whole<D> {
    dataset: D,
    parts: BTreeSet<String>,
}

impl<D: Part> Whole<D> {
    fn into_dataset(mut self) -> D {
        if !self.parts.is_empty() {
            let locations: List<String> = self.parts.into_iter().collect();
            self.dataset.limit_to(SubsetCondition::new("location").with_locations(locations));
        }
        self.dataset
    }
}

/// A dataset that may be a part of another.
trait Part {
    fn namespace(&self) -> &str;
    fn name(&self) -> &str;
    /// Returns the name it had.
    fn rename(&mut self, name: String) -> String;
    fn has_facets_of(&self, other: &Self) -> bool;
    fn limit_to(&mut self, condition: SubsetCondition);
}

macro_rules! part {
    ($($Dataset:ident $facets:ident $Subset:ident;)*) => {$(
        impl Part for $Dataset {
            fn namespace(&self) -> &str {
                &self.namespace
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn rename(&mut self, name: String) -> String {
                std::mem::replace(&mut self.name, name)
            }

            fn has_facets_of(&self, other: &Self) -> bool {
                self.facets == other.facets && self.$facets == other.$facets && self.extra == other.extra
            }

            fn limit_to(&mut self, condition: SubsetCondition) {
                self.$facets.insert_by($Subset::new(condition), &DEFAULT_PRODUCER);
            }
        }
    )*};
}

part! {
    InputDataset input_facets InputSubsetInputDatasetFacet;
    OutputDataset output_facets OutputSubsetOutputDatasetFacet;
}
