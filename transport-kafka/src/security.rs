use std::collections::BTreeMap;

use openlineage_core::config::{ConfigError, Secret};

/// Can this build speak TLS, and what needs the same library?
const HAS_TLS: bool = cfg!(any(feature = "tls", feature = "tls-vendored"));

const CURE: &str =
    "build openlineage-transport-kafka with feature `tls`, the facade or the command line with `kafka-tls`";

/// Properties that may be shown in `Debug` output.
const HARMLESS: [&str; 14] = [
    "acks",
    "batch.num.messages",
    "client.id",
    "compression.type",
    "enable.idempotence",
    "linger.ms",
    "max.in.flight",
    "message.max.bytes",
    "message.timeout.ms",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "retries",
    "sasl.mechanisms",
    "security.protocol",
];

/// Refuses what this build cannot do.
pub(crate) fn check(path: &str, given: &BTreeMap<String, Secret>, has_tokens: bool) -> Result<(), ConfigError> {
    let wrong = |name: &str, problem: &str| ConfigError::new(format!("{path}.{name}"), problem);
    let value = |name: &str| given.get(name).map(|value| value.expose().trim().to_ascii_uppercase());
    let protocol = value("security.protocol").unwrap_or_default();
    let (name, mechanism) = ["sasl.mechanisms", "sasl.mechanism"]
        .into_iter()
        .find_map(|name| value(name).map(|mechanism| (name, mechanism)))
        .unwrap_or(("sasl.mechanisms", String::new()));
    if !HAS_TLS {
        if protocol.ends_with("SSL") {
            return Err(wrong("security.protocol", "TLS is not in this build").cure(CURE));
        }
        if mechanism.starts_with("SCRAM") || mechanism == "OAUTHBEARER" {
            return Err(wrong(name, "this mechanism is not in this build").cure(CURE));
        }
        if let Some(name) =
            given.keys().find(|name| name.starts_with("ssl.") || *name == "enable.ssl.certificate.verification")
        {
            return Err(wrong(name, "TLS is not in this build").cure(CURE));
        }
    }
    if protocol.starts_with("SASL") && matches!(mechanism.as_str(), "" | "GSSAPI") {
        let error = wrong(name, "Kerberos (GSSAPI), which is what librdkafka takes by default, is not built");
        return Err(error.cure("write PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"));
    }
    if value("sasl.oauthbearer.method").is_some_and(|method| method == "OIDC") {
        let error = wrong("sasl.oauthbearer.method", "librdkafka's own OIDC client is not built");
        return Err(error.cure("give the transport a provider of tokens in code"));
    }
    let unsecured = value("enable.sasl.oauthbearer.unsecure.jwt").is_some_and(|value| value == "TRUE");
    if protocol.starts_with("SASL") && mechanism == "OAUTHBEARER" && !has_tokens && !unsecured {
        return Err(wrong(name, "OAUTHBEARER needs a provider of tokens")
            .cure("give the transport one in code, or use kind msk-iam for Amazon MSK"));
    }
    Ok(())
}

/// May this property hold a secret? Rather once too often.
pub(crate) fn is_secret(name: &str) -> bool {
    !HARMLESS.contains(&name) && name != "bootstrap.servers" && name != "metadata.broker.list"
}

pub(crate) fn shown<'a>(name: &str, value: &'a Secret) -> &'a str {
    if HARMLESS.contains(&name) { value.expose() } else { "***" }
}
