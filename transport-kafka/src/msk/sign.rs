use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openlineage_core::error::BoxError;
use url::Url;

const SERVICE: &str = "kafka-cluster";
const ACTION: &str = "kafka-cluster:Connect";
const USER_AGENT: &str = concat!("openlineage-rust/", env!("CARGO_PKG_VERSION"));

/// A token for clusters of `region`: the address of a signed request to connect, as base64 for addresses.
///
/// Source: Amazon's signers for MSK, such as aws-msk-iam-sasl-signer-python.
pub(super) fn token(
    region: &str,
    credentials: Credentials,
    now: SystemTime,
    good_for: Duration,
) -> Result<String, BoxError> {
    let mut url = Url::parse_with_params(&format!("https://kafka.{region}.amazonaws.com/"), [("Action", ACTION)])?;
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(good_for);
    let identity = credentials.into();
    let params = v4::SigningParams::builder().identity(&identity).region(region).name(SERVICE).time(now);
    let params = params.settings(settings).build()?.into();
    let request = SignableRequest::new("GET", url.as_str(), std::iter::empty(), SignableBody::Bytes(b""))?;
    let (instructions, _signature) = sign(request, &params)?.into_parts();
    url.query_pairs_mut().extend_pairs(instructions.params().iter().map(|(name, value)| (name, value)));
    // Not signed, as in Amazon's signers.
    url.query_pairs_mut().append_pair("User-Agent", USER_AGENT);
    Ok(BASE64_URL_SAFE_NO_PAD.encode(url.as_str()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::UNIX_EPOCH;

    use super::*;

    /// The signature was worked out by hand after the description of version 4 in the general reference of AWS.
    #[test]
    fn the_token_is_the_signed_address() {
        let credentials = Credentials::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            Some("to/ken+1==".into()),
            None,
            "test",
        );
        let now = UNIX_EPOCH + Duration::from_secs(1_740_787_200);
        let token = token("eu-west-1", credentials, now, Duration::from_secs(900)).unwrap();
        let url = Url::parse(&String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap()).unwrap();
        assert_eq!(url.host_str(), Some("kafka.eu-west-1.amazonaws.com"));
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("Action", "kafka-cluster:Connect"),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "AKIDEXAMPLE/20250301/eu-west-1/kafka-cluster/aws4_request"),
            ("X-Amz-Date", "20250301T000000Z"),
            ("X-Amz-Expires", "900"),
            ("X-Amz-Security-Token", "to/ken+1=="),
            ("X-Amz-Signature", "a6e0a7e4c977ff42752c483d21e47c7c22cf3d21cc2761659239c6d396070733"),
            ("X-Amz-SignedHeaders", "host"),
        ] {
            assert_eq!(query.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert!(query.contains_key("User-Agent"));
    }
}
