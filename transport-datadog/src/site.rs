use openlineage_core::config::ConfigError;
use url::Url;

/// Where Datadog has an intake for lineage; `us2.ddog-gov.com` is the one that newer Python clients added.
const SITES: [&str; 10] = [
    "datadoghq.com",
    "us3.datadoghq.com",
    "us5.datadoghq.com",
    "datadoghq.eu",
    "ddog-gov.com",
    "us2.ddog-gov.com",
    "ap1.datadoghq.com",
    "ap2.datadoghq.com",
    "uk1.datadoghq.com",
    "datad0g.com",
];

pub(crate) const DEFAULT: &str = "datadoghq.com";

/// The address of the intake: of one of Datadog's sites, or any other `http` or `https` address as it is.
pub(crate) fn intake(key: &str, site: &str) -> Result<String, ConfigError> {
    if SITES.contains(&site) {
        return Ok(format!("https://data-obs-intake.{site}"));
    }
    match Url::parse(site) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(site.to_owned()),
        _ => Err(ConfigError::new(key, "neither a site of Datadog nor an address").cure(cure())),
    }
}

pub(crate) fn cure() -> String {
    format!("write one of {}, or an http or https address without a user", SITES.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_site_has_its_intake() {
        for site in SITES {
            assert_eq!(intake("site", site).unwrap(), format!("https://data-obs-intake.{site}"));
        }
    }

    #[test]
    fn an_address_is_taken_as_it_is() {
        for url in ["http://127.0.0.1:8080", "https://intake.example/base/"] {
            assert_eq!(intake("site", url).unwrap(), url);
        }
    }

    #[test]
    fn anything_else_is_refused_by_key_with_the_sites() {
        for site in ["", "datadoghq", "DATADOGHQ.COM", "ftp://datadoghq.com", "datadoghq.com/", "https://"] {
            let error = intake("transport.site", site).unwrap_err().to_string();
            assert!(error.contains("transport.site") && error.contains("us5.datadoghq.com"), "{site}: {error}");
        }
    }
}
