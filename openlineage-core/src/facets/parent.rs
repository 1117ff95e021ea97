use crate::model::{Facets, JobPlace, RunId, RunPlace};

crate::object! {
    /// Names the run, and its job, that started this run.
    pub struct ParentRunFacet {
        required {
            /// The run that started this one.
            run: ParentRun = "run",
            /// The job that run belongs to.
            job: ParentJob = "job",
        }
        optional {
            /// The top of the chain of parents.
            root, with_root: ParentRoot = "root",
        }
    }
}

crate::object! {
    /// Points to a run, with those of its facets that the sender passed on.
    pub struct ParentRun {
        required {
            /// Id of the run.
            run_id: RunId = "runId",
        }
        facets {
            /// Facets of that run, not of this one.
            facets, with_facets: Facets<RunPlace> = "facets",
        }
    }
}

crate::object! {
    /// Points to a job, with those of its facets that the sender passed on.
    pub struct ParentJob {
        required {
            /// Where the name is unique, such as one scheduler.
            namespace: String = "namespace",
            /// Name of the job.
            name: String = "name",
        }
        facets {
            /// Facets of that job, not of this one.
            facets, with_facets: Facets<JobPlace> = "facets",
        }
    }
}

crate::object! {
    /// The run, and its job, from which a chain of runs began.
    pub struct ParentRoot {
        required {
            /// The first run.
            run: ParentRun = "run",
            /// The job that run belongs to.
            job: ParentJob = "job",
        }
    }
}

crate::facet! {
    ParentRunFacet in RunPlace as "parent" also "parentRun"
    at "https://openlineage.io/spec/facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet"
}
