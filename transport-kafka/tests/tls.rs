//! The transport over TLS, against a real broker.
#![cfg(feature = "tls")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "what disturbs the broker is not needed here")]

mod real;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use openlineage_core::auth::{Token, TokenProvider};
use openlineage_core::blocking;
use openlineage_core::error::{BoxError, EmitErrorKind};
use openlineage_core::lifecycle::Deadline;

use real::{address, event, long, read_all, reader, transport};

fn ca() -> String {
    std::env::var("OPENLINEAGE_KAFKA_CA").unwrap()
}

#[test]
fn events_arrive_where_the_certificate_is_trusted() {
    let Some(tls) = address("OPENLINEAGE_KAFKA_TLS") else { return };
    let kafka = transport(&tls, "tls").config("security.protocol", "SSL").config("ssl.ca.location", ca());
    let kafka = kafka.build().unwrap();
    blocking::deliver(&kafka, event(1, 1), long()).unwrap();
    assert!(blocking::close(&kafka, long()).unwrap().is_clean());
    let mut config = reader(&tls);
    config.set("security.protocol", "SSL").set("ssl.ca.location", ca());
    assert_eq!(read_all(&config, "tls").len(), 1);
}

#[test]
fn a_certificate_that_nobody_trusts_is_told_by_the_deadline() {
    let Some(tls) = address("OPENLINEAGE_KAFKA_TLS") else { return };
    let kafka = transport(&tls, "tls.untrusted").config("security.protocol", "SSL").build().unwrap();
    let error = blocking::emit(&kafka, event(1, 1), Deadline::after(Duration::from_secs(2))).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::Unreachable);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("certificate verify failed"), "{cause}");
}

/// Tokens that nobody has signed, each good for a few seconds; or none.
#[derive(Debug)]
struct Unsigned {
    given: AtomicU32,
    is_away: bool,
}

/// How long one is good.
const GOOD_FOR: Duration = Duration::from_secs(6);

#[async_trait]
impl TokenProvider for Unsigned {
    async fn token(&self, _until: Deadline) -> Result<Token, BoxError> {
        if self.is_away {
            return Err("the identity provider is away".into());
        }
        self.given.fetch_add(1, Ordering::Relaxed);
        let now = SystemTime::now();
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        let claims = format!(r#"{{"sub":"lineage","iat":{},"exp":{}}}"#, seconds(now), seconds(now + GOOD_FOR));
        let token = format!("{}.{}.", base64(r#"{"alg":"none"}"#), base64(&claims));
        Ok(Token::new(token, now + GOOD_FOR).of_principal("lineage"))
    }
}

/// As tokens have it: the alphabet for addresses, without padding.
fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let chunk = |bytes: &[u8]| {
        let all = bytes.iter().chain([0; 3].iter()).take(3).fold(0_usize, |all, byte| all << 8 | usize::from(*byte));
        (0..=bytes.len()).map(|place| char::from(ALPHABET[all >> (18 - 6 * place) & 63])).collect::<String>()
    };
    text.as_bytes().chunks(3).map(chunk).collect()
}

#[test]
fn tokens_are_handed_to_the_broker_and_renewed_before_they_expire() {
    let Some(sasl) = address("OPENLINEAGE_KAFKA_SASL") else { return };
    let tokens = Arc::new(Unsigned { given: AtomicU32::new(0), is_away: false });
    let kafka = transport(&sasl, "tls.tokens").config("security.protocol", "SASL_PLAINTEXT");
    let kafka = kafka.config("sasl.mechanisms", "OAUTHBEARER").tokens(Arc::clone(&tokens) as _).build().unwrap();
    blocking::deliver(&kafka, event(1, 1), long()).unwrap();
    assert_eq!(tokens.given.load(Ordering::Relaxed), 1);
    // librdkafka asks again when four fifths of the time are over; nothing else happens meanwhile.
    let until = Deadline::after(GOOD_FOR);
    let (_kept, silence) = std::sync::mpsc::channel::<()>();
    while tokens.given.load(Ordering::Relaxed) < 2 {
        assert!(!until.has_passed(), "no second token within the time of the first");
        assert!(silence.recv_timeout(Duration::from_millis(50)).is_err());
    }
    blocking::deliver(&kafka, event(1, 2), long()).unwrap();
    assert!(blocking::close(&kafka, long()).unwrap().is_clean());
}

#[test]
fn without_a_token_there_is_no_producer_and_the_reason_is_told() {
    let kafka = transport("127.0.0.1:1", "tls.tokens").config("security.protocol", "SASL_SSL");
    let kafka = kafka
        .config("sasl.mechanisms", "OAUTHBEARER")
        .tokens(Arc::new(Unsigned { given: AtomicU32::new(0), is_away: true }))
        .build()
        .unwrap();
    let error = blocking::emit(&kafka, event(1, 1), long()).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::Start);
    let mut causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
    assert!(causes.any(|cause| cause.to_string().contains("identity provider is away")), "{error:?}");
}

#[cfg(feature = "msk-iam")]
mod msk {
    use openlineage_core::config::{ConfigError, Registry, TransportSpec};
    use openlineage_core::transport::{Fresh, TransportSource};
    use openlineage_transport_kafka::MskIamFactory;

    fn built(options: &str) -> Result<(), ConfigError> {
        let json =
            format!(r#"{{"type": "msk-iam", "topic": "t", "config": {{"bootstrap.servers": "b:9098"}}{options}}}"#);
        let registry = Registry::empty().with("msk-iam", MskIamFactory);
        Fresh.get(&TransportSpec::from_json(&json)?, &registry).map(drop)
    }

    #[test]
    fn options_of_the_python_client_are_understood() {
        built(r#", "region": "eu-west-1""#).unwrap();
        built(r#", "region": "eu-west-1", "aws_profile": "p", "role_arn": "arn:r", "aws_debug_creds": true"#).unwrap();
    }

    #[test]
    fn a_region_is_needed_and_has_to_be_one() {
        assert_eq!(built(r#", "region": "eu west/""#).unwrap_err().key(), "transport.region");
        assert_eq!(built(r#", "regoin": "eu-west-1", "region": "eu-west-1""#).unwrap_err().key(), "transport.regoin");
    }
}
