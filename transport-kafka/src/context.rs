use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use openlineage_core::engine::Report;
use openlineage_core::error::{EmitErrorKind, Fault};
use openlineage_core::transport::TransportInfo;
use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;

use crate::fault;
use crate::record::Record;
use crate::tokens::Tokens;

/// What librdkafka calls while it is served.
pub(crate) struct Context {
    info: TransportInfo,
    pub(crate) tokens: Option<Tokens>,
    reports: Mutex<Vec<Report>>,
    is_troubled: AtomicBool,
    trouble: Mutex<Option<Trouble>>,
    fatal: Mutex<Option<Trouble>>,
}

/// What librdkafka says of the cluster as a whole.
#[derive(Clone, Debug)]
struct Trouble {
    code: RDKafkaErrorCode,
    reason: String,
}

impl Context {
    pub(crate) fn new(info: TransportInfo, tokens: Option<Tokens>) -> Self {
        let (reports, is_troubled) = (Mutex::default(), AtomicBool::new(false));
        Self { info, tokens, reports, is_troubled, trouble: Mutex::default(), fatal: Mutex::default() }
    }

    /// Everything that was reported since the last call.
    pub(crate) fn take_reports(&self, into: &mut Vec<Report>) {
        into.append(&mut lock(&self.reports));
    }

    /// Why the producer cannot be used any more, if that is so.
    pub(crate) fn fatal(&self) -> Option<Fault> {
        let fatal = lock(&self.fatal).take()?;
        Some(Fault::new(EmitErrorKind::Unavailable { code: fatal.code as i32 }).because(fatal.reason))
    }

    /// The producer cannot be used any more. The first reason counts.
    pub(crate) fn has_failed(&self, reason: &str) {
        let trouble = || Trouble { code: RDKafkaErrorCode::Fatal, reason: reason.to_owned() };
        lock(&self.fatal).get_or_insert_with(trouble);
    }

    /// What librdkafka says is wrong with the cluster.
    pub(crate) fn trouble(&self) -> Option<String> {
        lock(&self.trouble).as_ref().map(|trouble| trouble.reason.clone())
    }

    /// Why nothing was heard of an event in time.
    pub(crate) fn overdue(&self) -> Fault {
        match lock(&self.trouble).clone() {
            None => Fault::new(EmitErrorKind::Timeout),
            Some(trouble) => Fault::new(fault::kind_of(trouble.code)).because(trouble.reason),
        }
    }

    fn note(&self, trouble: Trouble) {
        let mut known = lock(&self.trouble);
        let outranked = known.as_ref().is_some_and(|known| rank(known.code) > rank(trouble.code));
        if outranked {
            return;
        }
        if known.as_ref().is_none_or(|known| rank(known.code) < rank(trouble.code)) {
            tracing::warn!(transport = %self.info, reason = trouble.reason, "the Kafka cluster cannot be used");
        }
        *known = Some(trouble);
        self.is_troubled.store(true, Ordering::Release);
    }

    /// A record has arrived, so what was wrong is not any more.
    fn is_well(&self) {
        if self.is_troubled.swap(false, Ordering::AcqRel) && lock(&self.trouble).take().is_some() {
            tracing::info!(transport = %self.info, "the Kafka cluster can be used again");
        }
    }
}

/// Which of two reasons says more: that all brokers are down follows from what befell each.
fn rank(code: RDKafkaErrorCode) -> u8 {
    match code {
        RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed => 3,
        RDKafkaErrorCode::SSL | RDKafkaErrorCode::Resolve => 2,
        RDKafkaErrorCode::AllBrokersDown => 0,
        _ => 1,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    /// What concerns the host comes as an error, too; the rest is for whoever looks for a fault.
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(target: "librdkafka", transport = %self.info, ?level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        match code {
            RDKafkaErrorCode::Fatal => self.has_failed(reason),
            _ => self.note(Trouble { code, reason: reason.to_owned() }),
        }
    }

    fn generate_oauth_token(&self, _config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        match &self.tokens {
            Some(tokens) => tokens.hand_out().map_err(|error| error as Box<dyn Error>),
            None => Err("there is no provider of tokens".into()),
        }
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = Box<Record>;

    fn delivery(&self, result: &DeliveryResult<'_>, record: Box<Record>) {
        let report = match result {
            Ok(_) => {
                self.is_well();
                Ok(())
            }
            Err((error, _)) => Err(match (fault::of(error), lock(&self.trouble).clone()) {
                // What kept the record from arriving is worth more than that it did not arrive.
                (late, Some(trouble)) if *late.kind() == EmitErrorKind::Timeout => {
                    Fault::new(fault::kind_of(trouble.code)).because(trouble.reason)
                }
                (fault, _) => fault,
            }),
        };
        lock(&self.reports).push((record.number, report));
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("info", &self.info).field("tokens", &self.tokens).finish_non_exhaustive()
    }
}
