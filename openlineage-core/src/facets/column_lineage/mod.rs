mod columns;

pub use self::columns::Columns;

use crate::model::List;

crate::object! {
    /// From which columns of other datasets the columns of this one are made.
    pub struct ColumnLineageDatasetFacet {
        required {
            /// Each column of this dataset with what it is made from.
            fields: Columns = "fields",
        }
        optional {
            /// Columns that decide about the dataset as a whole: those it is filtered, joined, grouped or sorted by.
            dataset, with_dataset: List<InputField> = "dataset",
        }
    }
}

crate::object! {
    /// What one column is made from.
    pub struct ColumnSources {
        required {
            /// The columns it is made from.
            input_fields: List<InputField> = "inputFields",
        }
    }
}

crate::object! {
    /// A column of another dataset, and what is done with it.
    pub struct InputField {
        required {
            /// Namespace of that dataset.
            namespace: String = "namespace",
            /// Name of that dataset.
            name: String = "name",
            /// Name of the column.
            field: String = "field",
        }
        optional {
            /// What is done with it.
            transformations, with_transformations: List<Transformation> = "transformations",
        }
    }
}

crate::object! {
    /// One thing done with a column on its way.
    pub struct Transformation {
        required {
            /// `DIRECT` where its values arrive, `INDIRECT` where they only decide.
            directness: String = "type",
        }
        optional {
            /// The kind, such as `IDENTITY`, `AGGREGATION` or `FILTER`.
            subtype, with_subtype: String = "subtype",
            /// The same for people.
            description, with_description: String = "description",
            /// Whether it hides the values, as a hash does.
            masking, with_masking: bool = "masking",
        }
    }
}

crate::facet! {
    ColumnLineageDatasetFacet in DatasetPlace as "columnLineage"
    at "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
}
