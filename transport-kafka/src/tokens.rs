use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openlineage_core::auth::{Token, TokenProvider};
use openlineage_core::error::BoxError;
use openlineage_core::lifecycle::Deadline;
use rdkafka::client::OAuthToken;
use tokio::sync::Notify;

/// Longest time that a token may take while the one before it is good.
const AHEAD: Duration = Duration::from_secs(30);

/// The tokens of one producer.
///
/// librdkafka asks for one when it starts and when four fifths of the last one's time are over, and wants it at once. It
/// gets the one at hand while that is good; asked for a second time, this has the next one fetched meanwhile, and
/// librdkafka, told of what is left of the old one's time, comes back within it.
pub(crate) struct Tokens {
    provider: Arc<dyn TokenProvider>,
    held: Mutex<Held>,
    wanted: Notify,
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// It has been handed out before.
    is_known: bool,
    trouble: Option<String>,
}

impl Tokens {
    pub(crate) fn new(provider: Arc<dyn TokenProvider>) -> Self {
        Self { provider, held: Mutex::default(), wanted: Notify::new() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gets the first token, or the next one.
    pub(crate) async fn fetch(&self, until: Deadline) -> Result<(), BoxError> {
        let token = self.provider.token(until).await?;
        *self.held() = Held { token: Some(token), is_known: false, trouble: None };
        Ok(())
    }

    /// Gets the next token whenever one is wanted. Never returns.
    pub(crate) async fn keep(&self) {
        loop {
            self.wanted.notified().await;
            let until = Deadline::after(AHEAD);
            if let Err(error) = self.fetch(until).await {
                tracing::warn!(provider = ?self.provider, error = error.as_ref() as &dyn Error, "no new token");
                self.held().trouble = Some(error.to_string());
            }
        }
    }

    /// What librdkafka gets now.
    pub(crate) fn hand_out(&self) -> Result<OAuthToken, BoxError> {
        let mut held = self.held();
        if std::mem::replace(&mut held.is_known, true) {
            self.wanted.notify_one();
        }
        match &held.token {
            Some(token) if token.expires_at > SystemTime::now() => Ok(spelled(token)),
            _ => {
                self.wanted.notify_one();
                let trouble = held.trouble.clone();
                Err(trouble.unwrap_or_else(|| "the token has expired and the next one is not there yet".into()).into())
            }
        }
    }
}

fn spelled(token: &Token) -> OAuthToken {
    let lifetime = token.expires_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    OAuthToken {
        token: token.value.expose().to_owned(),
        principal_name: token.principal.clone(),
        lifetime_ms: i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX),
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tokens").field(&self.provider).finish()
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;

    /// Tokens `t1`, `t2` and so on, each good for so long.
    #[derive(Debug)]
    struct Counting(Mutex<u32>, Duration);

    #[async_trait]
    impl TokenProvider for Counting {
        async fn token(&self, _until: Deadline) -> Result<Token, BoxError> {
            let mut number = self.0.lock().unwrap();
            *number += 1;
            Ok(Token::new(format!("t{number}"), SystemTime::now() + self.1).of_principal("me"))
        }
    }

    fn tokens(good_for: Duration) -> Tokens {
        Tokens::new(Arc::new(Counting(Mutex::default(), good_for)))
    }

    fn block<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn the_token_at_hand_is_handed_out_until_the_next_one_is_there() {
        let tokens = tokens(Duration::from_secs(60));
        block(async {
            tokens.fetch(Deadline::never()).await.unwrap();
            assert_eq!(tokens.hand_out().unwrap().token, "t1");
            let again = tokens.hand_out().unwrap();
            assert_eq!((again.token.as_str(), again.principal_name.as_str()), ("t1", "me"));
            // The second time has asked for the next one.
            tokio::select! {
                biased;
                () = tokens.keep() => unreachable!("it never returns"),
                () = tokio::task::yield_now() => {}
            }
            assert_eq!(tokens.hand_out().unwrap().token, "t2");
        });
    }

    #[test]
    fn a_token_that_has_expired_is_not_handed_out() {
        let tokens = tokens(Duration::ZERO);
        block(tokens.fetch(Deadline::never())).unwrap();
        assert!(tokens.hand_out().err().unwrap().to_string().contains("expired"));
    }

    #[test]
    fn nothing_shows_a_token() {
        let tokens = tokens(Duration::from_secs(60));
        block(tokens.fetch(Deadline::never())).unwrap();
        assert!(!format!("{tokens:?}").contains("t1"));
    }
}
