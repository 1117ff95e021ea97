crate::object! {
    /// What executes the run.
    pub struct ProcessingEngineRunFacet {
        required {
            /// Version of the engine.
            version: String = "version",
        }
        optional {
            /// Name of the engine, such as `Airflow`.
            name, with_name: String = "name",
            /// Version of the package that reports the run to OpenLineage.
            openlineage_adapter_version, with_openlineage_adapter_version: String = "openlineageAdapterVersion",
        }
    }
}

crate::facet! {
    ProcessingEngineRunFacet in RunPlace as "processing_engine"
    at "https://openlineage.io/spec/facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet"
}
