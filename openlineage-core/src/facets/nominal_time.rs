use crate::model::Timestamp;

crate::object! {
    /// The time for which a run was scheduled, whenever it really ran.
    pub struct NominalTimeRunFacet {
        required {
            /// Begin of the time it covers.
            nominal_start_time: Timestamp = "nominalStartTime",
        }
        optional {
            /// End of that time, no longer part of it.
            nominal_end_time, with_nominal_end_time: Timestamp = "nominalEndTime",
        }
    }
}

crate::facet! {
    NominalTimeRunFacet in RunPlace as "nominalTime"
    at "https://openlineage.io/spec/facets/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet"
}
