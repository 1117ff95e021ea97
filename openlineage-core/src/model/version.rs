//! The version in the URL of a facet's schema: `1-2-0` of `https://openlineage.io/spec/facets/1-2-0/SchemaDatasetFacet.json`.

/// Agrees where either URL has no version.
pub(crate) fn check_same_major(came: &str, own: &str) -> Result<(), String> {
    match (major(came), major(own)) {
        (Some(came), Some(own)) if came != own => {
            Err(format!("the facet is of schema version {came}, the type that edits it of version {own}"))
        }
        _ => Ok(()),
    }
}

fn major(url: &str) -> Option<u32> {
    url.rsplit('/').find_map(|segment| {
        let mut parts = segment.split('-').map(|part| part.parse::<u32>().ok());
        match [parts.next(), parts.next(), parts.next(), parts.next()] {
            [Some(Some(major)), Some(Some(_)), Some(Some(_)), None] => Some(major),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_known_and_different_majors_disagree() {
        let version = |version: &str| format!("https://acme.example/{version}/X.json#/$defs/X");
        assert_eq!(major(&version("12-0-3")), Some(12));
        assert_eq!(major(&version("1-0")), None);
        assert_eq!(major(&version("1-0-0-rc")), None);
        assert!(check_same_major(&version("1-0-0"), &version("1-2-0")).is_ok());
        assert!(check_same_major(&version("2-0-0"), &version("1-2-0")).is_err());
        assert!(check_same_major("http://123", &version("1-2-0")).is_ok());
    }
}
