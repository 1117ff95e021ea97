use crate::model::{Integer, List};

crate::object! {
    /// The columns of a dataset.
    pub struct SchemaDatasetFacet {
        optional {
            /// The columns, in their order.
            fields, with_fields: List<SchemaField> = "fields",
        }
    }
}

crate::object! {
    /// One column, or one member of a structured column.
    pub struct SchemaField {
        required {
            /// Name of the column.
            name: String = "name",
        }
        optional {
            /// Type of the column, as the dataset's system writes it.
            field_type, with_type: String = "type",
            /// What the column is for.
            description, with_description: String = "description",
            /// Position of the column, from 1.
            ordinal_position, with_ordinal_position: Integer = "ordinal_position",
            /// Members, where the type has them.
            fields, with_fields: List<SchemaField> = "fields",
        }
    }
}

crate::facet! {
    SchemaDatasetFacet in DatasetPlace as "schema"
    at "https://openlineage.io/spec/facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
}
