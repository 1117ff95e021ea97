use std::sync::Arc;

use openlineage_core::config::{BuildContext, ConfigError, Factory, Reach, Section};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::Transport;

use super::MskIamTokens;
use crate::KafkaBuilder;
use crate::factory::{self, KNOWN};

const OWN: [&str; 4] = ["region", "aws_profile", "role_arn", "aws_debug_creds"];

/// Builds [`KafkaTransport`](crate::KafkaTransport)s for Amazon MSK with IAM from configuration: kind `msk-iam`, with the
/// options of [`KafkaFactory`](crate::KafkaFactory) and those of the Python client.
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `region` | the cluster's region | the variable `AWS_REGION`, else `AWS_DEFAULT_REGION`; one of them is required |
/// | `aws_profile` | credentials of this profile; counts more than `role_arn` | none |
/// | `role_arn` | credentials of this role, which the default ones assume | none |
/// | `aws_debug_creds` | logs at debug level where credentials come from | false |
///
/// Without the last three credentials come from where the AWS SDK looks by default. `security.protocol` and
/// `sasl.mechanisms` in `config` are `SASL_SSL` and `OAUTHBEARER`, whatever stands there.
///
/// Needs TLS in the build.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it is written as a value where a registry is made")]
pub struct MskIamFactory;

impl Factory for MskIamFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let builder = read(&mut options, context)?;
        factory::build(builder, options, &[&KNOWN[..], &OWN].concat())
    }

    /// Logs in to the cluster and asks for the topic, without making it.
    fn reach(
        &self,
        mut options: Section,
        context: &BuildContext<'_>,
        until: Deadline,
    ) -> Result<Vec<Reach>, ConfigError> {
        factory::reach(read(&mut options, context)?, until)
    }
}

fn read(options: &mut Section, context: &BuildContext<'_>) -> Result<KafkaBuilder, ConfigError> {
    let builder = factory::read(options, context)?;
    let region = options.text("region")?.filter(|region| !region.is_empty());
    let by_variable = || options.variable("AWS_REGION").or_else(|| options.variable("AWS_DEFAULT_REGION"));
    let Some(region) = region.or_else(by_variable) else {
        let cure = "write the cluster's region, or set the variable AWS_REGION";
        return Err(ConfigError::new(options.key("region"), "missing").cure(cure));
    };
    if !region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(ConfigError::new(options.key("region"), "not a region").cure("write it like eu-west-1"));
    }
    let mut tokens = MskIamTokens::new(region);
    if let Some(role) = options.text("role_arn")?.filter(|role| !role.is_empty()) {
        tokens = tokens.role(role);
    }
    if let Some(profile) = options.text("aws_profile")?.filter(|profile| !profile.is_empty()) {
        tokens = tokens.profile(profile);
    }
    let tokens = tokens.tell_source(options.flag("aws_debug_creds")?.unwrap_or(false));
    let builder = builder.config("security.protocol", "SASL_SSL").config("sasl.mechanisms", "OAUTHBEARER");
    Ok(builder.tokens(Arc::new(tokens)))
}
