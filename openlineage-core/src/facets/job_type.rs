use crate::model::Integer;

crate::object! {
    /// What kind of job it is, and how it reports itself.
    pub struct JobTypeJobFacet {
        required {
            /// `BATCH` for work that ends, `STREAMING` or `SERVICE` for work that goes on.
            processing_type: String = "processingType",
            /// The integration that reports the job, such as `SPARK` or `DBT`.
            integration: String = "integration",
        }
        optional {
            /// What the integration calls the job, such as `TASK` or `QUERY`.
            job_type, with_job_type: String = "jobType",
            /// When the job sends events, and how much each one tells.
            emission_pattern, with_emission_pattern: EmissionPattern = "emissionPattern",
        }
    }
}

crate::object! {
    /// When a job sends events, and how much each one tells.
    pub struct EmissionPattern {
        required {
            /// `EVENT_BASED` for an event at each transition, `PERIODIC` for one at each interval.
            event_trigger: String = "eventTrigger",
            /// `ACCUMULATIVE` where events add up, `COMPLETE_SNAPSHOT` where each one tells all.
            event_content_mode: String = "eventContentMode",
        }
        optional {
            /// Length of the interval in seconds, at least 1.
            window_duration, with_window_duration: Integer = "windowDuration",
        }
    }
}

crate::facet! {
    JobTypeJobFacet in JobPlace as "jobType"
    at "https://openlineage.io/spec/facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet"
}
