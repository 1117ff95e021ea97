use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use openlineage_core::auth::{Token, TokenProvider};
use openlineage_core::error::BoxError;
use openlineage_core::lifecycle::Deadline;

use super::sign;

/// How long a token is good, as Amazon's own signers have it.
const LIFETIME: Duration = Duration::from_secs(900);

/// Name of the session in which a role is assumed, the one that Amazon's own signers take.
const SESSION: &str = "MSKSASLDefaultSession";

/// For whoever sets no limit.
const LIMIT: Duration = Duration::from_secs(30);

/// Tokens for Amazon MSK with IAM: a signed request to connect, good for 15 minutes.
///
/// Nothing is read or asked for before the first token.
#[derive(Clone, Debug)]
pub struct MskIamTokens {
    region: String,
    source: Source,
    tells: bool,
}

#[derive(Clone, Debug)]
enum Source {
    Default,
    Profile(String),
    Role(String),
}

impl MskIamTokens {
    /// For clusters of this region, with the credentials that the AWS SDK finds by default.
    #[must_use]
    pub fn new(region: impl Into<String>) -> Self {
        Self { region: region.into(), source: Source::Default, tells: false }
    }

    /// With those of this profile.
    #[must_use]
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.source = Source::Profile(profile.into());
        self
    }

    /// With those of this role, which the default ones assume.
    #[must_use]
    pub fn role(mut self, arn: impl Into<String>) -> Self {
        self.source = Source::Role(arn.into());
        self
    }

    /// Logs at debug level where the credentials for each token come from. Default: no.
    #[must_use]
    pub fn tell_source(mut self, tells: bool) -> Self {
        self.tells = tells;
        self
    }

    async fn credentials(&self) -> Result<Credentials, BoxError> {
        let https = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https.build_https());
        loader = loader.region(Region::new(self.region.clone()));
        if let Source::Profile(profile) = &self.source {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        if let Source::Role(arn) = &self.source {
            let role = AssumeRoleProvider::builder(arn).session_name(SESSION).configure(&config).build().await;
            return Ok(role.provide_credentials().await?);
        }
        let provider = config.credentials_provider().ok_or("there are no credentials for Amazon MSK")?;
        Ok(provider.provide_credentials().await?)
    }
}

#[async_trait]
impl TokenProvider for MskIamTokens {
    async fn token(&self, until: Deadline) -> Result<Token, BoxError> {
        let left = until.remaining().unwrap_or(LIMIT);
        let credentials =
            tokio::time::timeout(left, self.credentials()).await.map_err(|_| "no credentials in time")??;
        if self.tells {
            tracing::debug!(?credentials, region = self.region, "credentials for Amazon MSK");
        }
        let now = SystemTime::now();
        let token = sign::token(&self.region, credentials, now, LIFETIME)?;
        Ok(Token::new(token, now + LIFETIME))
    }
}
