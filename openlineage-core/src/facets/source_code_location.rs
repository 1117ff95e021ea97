crate::object! {
    /// Where the code of a job is kept, and in which version it runs.
    pub struct SourceCodeLocationJobFacet {
        required {
            /// The system that keeps it: `git`, `svn`.
            system: String = "type",
            /// Where to see the code.
            url: String = "url",
        }
        optional {
            /// Where to get the repository.
            repo_url, with_repo_url: String = "repoUrl",
            /// Path within the repository.
            path, with_path: String = "path",
            /// The exact version, such as the hash of a commit.
            version, with_version: String = "version",
            /// A tag on that version.
            tag, with_tag: String = "tag",
            /// The branch it was taken from.
            branch, with_branch: String = "branch",
            /// The pull or merge request for which the run takes place.
            pull_request_number, with_pull_request_number: String = "pullRequestNumber",
        }
    }
}

crate::facet! {
    SourceCodeLocationJobFacet in JobPlace as "sourceCodeLocation"
    at "https://openlineage.io/spec/facets/1-1-0/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet"
}
