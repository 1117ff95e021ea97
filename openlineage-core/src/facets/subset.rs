use crate::model::List;

crate::object! {
    /// The part of a dataset that was read.
    pub struct InputSubsetInputDatasetFacet {
        required {
            /// What belongs to the part.
            input_condition: SubsetCondition = "inputCondition",
        }
    }
}

crate::object! {
    /// The part of a dataset that was written.
    pub struct OutputSubsetOutputDatasetFacet {
        required {
            /// What belongs to the part.
            output_condition: SubsetCondition = "outputCondition",
        }
    }
}

crate::object! {
    /// Tells a part from its whole. Conditions by partition or by comparison keep what they hold in `extra`.
    pub struct SubsetCondition {
        required {
            /// The form of the condition: `location`, `partition`, `binary` or `compare`.
            form: String = "type",
        }
        optional {
            /// Of the form `location`: the places that belong to the part.
            locations, with_locations: List<String> = "locations",
        }
    }
}

crate::facet! {
    InputSubsetInputDatasetFacet in InputPlace as "subset"
    at "https://openlineage.io/spec/facets/1-0-0/BaseSubsetDatasetFacet.json#/$defs/InputSubsetInputDatasetFacet"
}

crate::facet! {
    OutputSubsetOutputDatasetFacet in OutputPlace as "subset"
    at "https://openlineage.io/spec/facets/1-0-0/BaseSubsetDatasetFacet.json#/$defs/OutputSubsetOutputDatasetFacet"
}
