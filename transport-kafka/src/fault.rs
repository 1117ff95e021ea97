use std::time::Duration;

use openlineage_core::error::{Disposition, EmitErrorKind, Fault, Sent};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode as Code;

/// Why a record was not delivered.
///
/// librdkafka has repeated by then whatever it holds worth repeating, so no failure here asks for another attempt at once.
pub(crate) fn of(error: &KafkaError) -> Fault {
    match error.rdkafka_error_code() {
        Some(code) => of_code(code).because(error.clone()),
        None => Fault::new(EmitErrorKind::Rejected { code: 0 }).sent(Sent::No).because(error.clone()),
    }
}

fn of_code(code: Code) -> Fault {
    let kind = kind_of(code);
    let sent = match code {
        Code::PurgeQueue | Code::QueueFull | Code::UnknownTopic | Code::UnknownPartition => Sent::No,
        _ => Sent::Maybe,
    };
    match code {
        Code::MessageTimedOut => Fault::new(kind).with_disposition(Disposition::Exhausted),
        _ => Fault::new(kind).sent(sent),
    }
}

/// What an error code comes to. Brokers' codes are above zero, librdkafka's own below.
pub(crate) fn kind_of(code: Code) -> EmitErrorKind {
    let number = code as i32;
    match code {
        Code::MessageTimedOut | Code::OperationTimedOut | Code::RequestTimedOut | Code::TimedOutQueue => {
            EmitErrorKind::Timeout
        }
        Code::AllBrokersDown
        | Code::BrokerTransportFailure
        | Code::Resolve
        | Code::SSL
        | Code::BrokerNotAvailable
        | Code::NetworkException => EmitErrorKind::Unreachable,
        Code::Authentication
        | Code::SaslAuthenticationFailed
        | Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed
        | Code::TransactionalIdAuthorizationFailed => EmitErrorKind::Unauthorized { code: number },
        Code::ThrottlingQuotaExceeded => EmitErrorKind::Throttled { retry_after: None::<Duration> },
        Code::PurgeQueue | Code::PurgeInflight => EmitErrorKind::Closed,
        Code::UnknownTopic | Code::UnknownPartition => EmitErrorKind::Rejected { code: number },
        Code::Unknown
        | Code::LeaderNotAvailable
        | Code::NotLeaderForPartition
        | Code::ReplicaNotAvailable
        | Code::CoordinatorLoadInProgress
        | Code::CoordinatorNotAvailable
        | Code::NotCoordinator
        | Code::NotEnoughReplicas
        | Code::NotEnoughReplicasAfterAppend
        | Code::KafkaStorageError
        | Code::FencedLeaderEpoch
        | Code::UnknownLeaderEpoch
        | Code::OutOfOrderSequenceNumber
        | Code::DuplicateSequenceNumber
        | Code::InvalidProducerEpoch
        | Code::InvalidProducerIdMapping
        | Code::ProducerFenced
        | Code::UnknownProducerId => EmitErrorKind::Unavailable { code: number },
        _ if number > 0 => EmitErrorKind::Rejected { code: number },
        _ => EmitErrorKind::Unavailable { code: number },
    }
}
