use serde::Serialize;
use serde::de::DeserializeOwned;

/// A facet: a named piece of metadata with a versioned schema.
///
/// A plain serde struct becomes a facet with two short impls. It must serialise as a JSON object, and need not know
/// `_producer`, `_schemaURL` and `_deleted`: [`Facets`](super::Facets) writes them and hides them.
///
/// ```
/// use openlineage_core::model::{Facet, In, RunPlace};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct QueueDepth {
///     lag: u64,
/// }
///
/// impl Facet for QueueDepth {
///     const KEY: &'static str = "acme_queueDepth";
///     const SCHEMA_URL: &'static str = "https://acme.example/openlineage/1-0-0/AcmeQueueDepthRunFacet.json";
/// }
///
/// impl In<RunPlace> for QueueDepth {}
/// ```
pub trait Facet: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The key under which the facet stands; of a custom facet `prefix_name`, both in camel case.
    const KEY: &'static str;
    /// The schema, with its version, that is named in events.
    const SCHEMA_URL: &'static str;
    /// Older keys under which it is still read, never written.
    const ALIASES: &'static [&'static str] = &[];
}

/// States that a facet may stand in `P`.
///
/// A facet elsewhere does not compile:
///
/// ```compile_fail,E0277
/// use openlineage_core::facets::SqlJobFacet;
/// use openlineage_core::model::{RunId, RunRef};
///
/// let run = RunRef::new(RunId::new()).with_facet(SqlJobFacet::new("select 1"));
/// ```
pub trait In<P: Place>: Facet {}

/// One of the five places in an event that hold facets.
pub trait Place: sealed::Sealed + Send + Sync + 'static {}

/// A place whose facets may be deleted by a tombstone: the format has them for jobs and datasets, which outlive a run.
///
/// ```compile_fail,E0277
/// use openlineage_core::facets::ParentRunFacet;
/// use openlineage_core::model::{Facets, RunPlace};
///
/// Facets::<RunPlace>::new().delete::<ParentRunFacet>();
/// ```
pub trait Deletable: Place {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! places {
    ($($(#[$doc:meta])* $Place:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $Place {}
        impl sealed::Sealed for $Place {}
        impl Place for $Place {}
    )*};
}

places! {
    /// The `facets` of a run.
    RunPlace;
    /// The `facets` of a job.
    JobPlace;
    /// The `facets` of a dataset.
    DatasetPlace;
    /// The `inputFacets` of a dataset that was read.
    InputPlace;
    /// The `outputFacets` of a dataset that was written.
    OutputPlace;
}

impl Deletable for JobPlace {}
impl Deletable for DatasetPlace {}
