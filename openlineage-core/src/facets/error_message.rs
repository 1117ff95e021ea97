crate::object! {
    /// Why a run failed.
    pub struct ErrorMessageRunFacet {
        required {
            /// The message for people.
            message: String = "message",
            /// Language of the program that failed, such as `PYTHON`.
            programming_language: String = "programmingLanguage",
        }
        optional {
            /// The stack, in the form of that language.
            stack_trace, with_stack_trace: String = "stackTrace",
        }
    }
}

crate::facet! {
    ErrorMessageRunFacet in RunPlace as "errorMessage"
    at "https://openlineage.io/spec/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"
}
