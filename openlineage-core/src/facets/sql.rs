crate::object! {
    /// The SQL that a job runs.
    pub struct SqlJobFacet {
        required {
            /// Text of the query.
            query: String = "query",
        }
        optional {
            /// Dialect of the text, such as `snowflake`.
            dialect, with_dialect: String = "dialect",
        }
    }
}

crate::facet! {
    SqlJobFacet in JobPlace as "sql"
    at "https://openlineage.io/spec/facets/1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet"
}
