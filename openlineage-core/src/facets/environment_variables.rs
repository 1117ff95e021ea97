use crate::model::List;

crate::object! {
    /// Variables of the environment in which a run takes place.
    pub struct EnvironmentVariablesRunFacet {
        required {
            /// The variables, in their order.
            environment_variables: List<EnvironmentVariable> = "environmentVariables",
        }
    }
}

crate::object! {
    /// One variable and its value.
    pub struct EnvironmentVariable {
        required {
            /// Name of the variable.
            name: String = "name",
            /// What it is set to.
            value: String = "value",
        }
    }
}

crate::facet! {
    EnvironmentVariablesRunFacet in RunPlace as "environmentVariables"
    at "https://openlineage.io/spec/facets/1-0-0/EnvironmentVariablesRunFacet.json#/$defs/EnvironmentVariablesRunFacet"
}
