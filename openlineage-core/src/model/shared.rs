use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::place::Facet;
use super::slot::{AnyFacet, Erased};

/// One facet for many datasets or events, encoded once: the text is kept for the first producer that sends it.
///
/// ```
/// use openlineage_core::facets::SchemaDatasetFacet;
/// use openlineage_core::model::{InputDataset, Shared};
///
/// let schema = Shared::new(SchemaDatasetFacet::new());
/// let mut part = InputDataset::new("s3://lake", "orders/day=1");
/// part.facets.insert_shared(&schema);
/// ```
pub struct Shared<F>(Arc<Inner<F>>);

impl<F: Facet> Shared<F> {
    /// Takes the facet; nothing is encoded yet.
    #[must_use]
    pub fn new(facet: F) -> Self {
        Self(Arc::new(Inner { facet: Arc::new(facet), encoded: OnceLock::new() }))
    }

    pub(crate) fn erased(&self) -> Arc<dyn Erased> {
        Arc::clone(&self.0) as Arc<dyn Erased>
    }
}

impl<F> Clone for Shared<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F> Deref for Shared<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.0.facet
    }
}

impl<F: Facet> fmt::Debug for Shared<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({})", F::KEY)
    }
}

struct Inner<F> {
    facet: Arc<F>,
    encoded: OnceLock<Encoded>,
}

struct Encoded {
    producer: Box<str>,
    text: Box<[u8]>,
}

impl<F: Facet> Erased for Inner<F> {
    fn encode(&self, producer: &str, schema_url: &str, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        let encoded = match self.encoded.get() {
            Some(encoded) => encoded,
            None => {
                let mut text = Vec::new();
                self.facet.encode(producer, schema_url, &mut text)?;
                self.encoded.get_or_init(|| Encoded { producer: producer.into(), text: text.into() })
            }
        };
        if &*encoded.producer != producer {
            return self.facet.encode(producer, schema_url, out);
        }
        out.extend_from_slice(&encoded.text);
        Ok(())
    }

    fn value(self: Arc<Self>) -> AnyFacet {
        Arc::clone(&self.facet) as AnyFacet
    }
}
