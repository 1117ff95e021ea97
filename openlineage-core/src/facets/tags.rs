use crate::model::List;

crate::object! {
    /// Labels of a job.
    pub struct TagsJobFacet {
        optional {
            /// The labels, in their order.
            tags, with_tags: List<Tag> = "tags",
        }
    }
}

crate::object! {
    /// Labels of a run.
    pub struct TagsRunFacet {
        optional {
            /// The labels, in their order.
            tags, with_tags: List<Tag> = "tags",
        }
    }
}

crate::object! {
    /// One label: a key, its value and who attached it.
    pub struct Tag {
        required {
            /// What the label is about, such as `team`.
            key: String = "key",
            /// What it says, such as `payments`; `true` for a label that only is there or is not.
            value: String = "value",
        }
        optional {
            /// Who attached it, such as `USER`, `INTEGRATION` or the name of a tool.
            source, with_source: String = "source",
        }
    }
}

crate::facet! {
    TagsJobFacet in JobPlace as "tags"
    at "https://openlineage.io/spec/facets/1-0-0/TagsJobFacet.json#/$defs/TagsJobFacet"
}

crate::facet! {
    TagsRunFacet in RunPlace as "tags"
    at "https://openlineage.io/spec/facets/1-0-0/TagsRunFacet.json#/$defs/TagsRunFacet"
}
