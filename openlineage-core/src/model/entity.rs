//! The runs, jobs and datasets that events speak of.

use super::place::{DatasetPlace, In, InputPlace, JobPlace, OutputPlace, RunPlace};
use super::{Facets, RunId};

crate::object! {
    /// A run: one execution of a job.
    pub struct RunRef {
        required {
            /// Id of the run.
            run_id: RunId = "runId",
        }
        facets {
            /// What is known of the run.
            facets, with_facets: Facets<RunPlace> = "facets",
        }
    }
}

crate::object! {
    /// A job: what runs, again and again, under one name.
    pub struct JobRef {
        required {
            /// Where the name is unique, such as one scheduler.
            namespace: String = "namespace",
            /// Name of the job.
            name: String = "name",
        }
        facets {
            /// What is known of the job.
            facets, with_facets: Facets<JobPlace> = "facets",
        }
    }
}

crate::object! {
    /// A dataset that a job reads.
    pub struct InputDataset {
        required {
            /// Where the name is unique, such as one database server.
            namespace: String = "namespace",
            /// Name of the dataset.
            name: String = "name",
        }
        facets {
            /// What is known of the dataset, whoever reads it.
            facets, with_facets: Facets<DatasetPlace> = "facets",
            /// What is known of this reading.
            input_facets, with_input_facets: Facets<InputPlace> = "inputFacets",
        }
    }
}

crate::object! {
    /// A dataset that a job writes.
    pub struct OutputDataset {
        required {
            /// Where the name is unique, such as one database server.
            namespace: String = "namespace",
            /// Name of the dataset.
            name: String = "name",
        }
        facets {
            /// What is known of the dataset, whoever writes it.
            facets, with_facets: Facets<DatasetPlace> = "facets",
            /// What is known of this writing.
            output_facets, with_output_facets: Facets<OutputPlace> = "outputFacets",
        }
    }
}

crate::object! {
    /// A dataset on its own, outside of any run.
    pub struct StaticDataset {
        required {
            /// Where the name is unique, such as one database server.
            namespace: String = "namespace",
            /// Name of the dataset.
            name: String = "name",
        }
        facets {
            /// What is known of the dataset.
            facets, with_facets: Facets<DatasetPlace> = "facets",
        }
    }
}

impl From<RunId> for RunRef {
    fn from(run_id: RunId) -> Self {
        Self::new(run_id)
    }
}

macro_rules! with_facet {
    ($($Entity:ident: $(#[$doc:meta])* $with:ident in $Place:ty as $field:ident;)*) => {$(
        impl $Entity {
            $(#[$doc])*
            #[must_use]
            pub fn $with<F: In<$Place>>(mut self, facet: F) -> Self {
                self.$field.insert(facet);
                self
            }
        }
    )*};
}

with_facet! {
    RunRef: /// Adds a facet of the run.
        with_facet in RunPlace as facets;
    JobRef: /// Adds a facet of the job.
        with_facet in JobPlace as facets;
    InputDataset: /// Adds a facet of the dataset.
        with_facet in DatasetPlace as facets;
    InputDataset: /// Adds a facet of this reading.
        with_input_facet in InputPlace as input_facets;
    OutputDataset: /// Adds a facet of the dataset.
        with_facet in DatasetPlace as facets;
    OutputDataset: /// Adds a facet of this writing.
        with_output_facet in OutputPlace as output_facets;
    StaticDataset: /// Adds a facet of the dataset.
        with_facet in DatasetPlace as facets;
}
