//! Names of datasets within the facet `columnLineage`.

use super::Trimmers;
use crate::facets::{ColumnLineageDatasetFacet, InputField};
use crate::model::{DatasetPlace, Facets};

/// Cuts the names of the datasets that columns come from. A facet that cannot be read keeps them.
pub(super) fn trim(facets: &mut Facets<DatasetPlace>, trimmers: &Trimmers) {
    let Ok(Some(facet)) = facets.get::<ColumnLineageDatasetFacet>() else { return };
    let mut trimmed = (*facet).clone();
    fields(&mut trimmed).for_each(|field| {
        if let Some(left) = trimmers.trim(&field.name).map(str::to_owned) {
            field.name = left;
        }
    });
    if trimmed != *facet
        && let Err(error) = facets.edit::<ColumnLineageDatasetFacet>(|facet| *facet = trimmed)
    {
        tracing::debug!(%error, "the names in a columnLineage facet stay as they are");
    }
}

fn fields(facet: &mut ColumnLineageDatasetFacet) -> impl Iterator<Item = &mut InputField> {
    let of_columns = facet.fields.iter_mut().flat_map(|(_, sources)| sources.input_fields.iter_mut());
    of_columns.chain(facet.dataset.iter_mut().flat_map(|dataset| dataset.iter_mut()))
}
