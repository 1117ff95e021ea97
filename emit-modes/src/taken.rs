use std::sync::Arc;
use std::time::Duration;

use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::{Ack, Receipt, Settle, Transport};

use crate::account::Account;
use crate::session::{Session, unanswered};
use crate::wait::Waiter;

/// What a transport said to an event: nothing in time, or something, or a panic's message.
pub(crate) type Answer = Option<Result<Result<Ack, EmitError>, String>>;

/// What became of handing an event over, and its account while its fate is open.
pub(crate) struct Taken {
    pub(crate) ack: Ack,
    account: Option<Arc<Account>>,
}

impl Taken {
    /// Nothing is open.
    pub(crate) fn known(ack: Ack) -> Self {
        Self { ack, account: None }
    }

    /// Its ticket will tell.
    pub(crate) fn open(ack: Ack, account: Arc<Account>) -> Self {
        Self { ack, account: Some(account) }
    }

    /// Counts what the transport answered to an event whose caller hears it at once.
    pub(crate) fn of(session: &Session, account: Arc<Account>, answer: Answer) -> Result<Self, EmitError> {
        match judged(session.transport(), answer) {
            Err(error) if !error.accepted() && account.withdraw() => Err(session.gate.refuse(error)),
            Err(error) => {
                account.settle(&Err(error.clone()));
                Err(error)
            }
            Ok(Ack::Delivered(receipt)) => {
                account.settle(&Ok(receipt.clone()));
                Ok(Self::known(Ack::Delivered(receipt)))
            }
            Ok(Ack::Queued(ticket)) => {
                let observed = Arc::clone(&account);
                ticket.observe(move |outcome| observed.settle(outcome));
                Ok(Self::open(Ack::Queued(ticket), account))
            }
            Ok(skipped) => {
                account.withdraw();
                Ok(Self::known(skipped))
            }
        }
    }

    /// Waits for the event's fate. One that is still open at `until` counts as failed, and may be delivered yet.
    pub(crate) async fn fate(
        self,
        transport: &dyn Transport,
        until: Deadline,
        waiter: Waiter<'_>,
    ) -> Result<Option<Receipt>, EmitError> {
        let (ticket, account) = match (self.ack, self.account) {
            (Ack::Queued(ticket), Some(account)) => (ticket, account),
            (ack, _) => return ack.fate().await,
        };
        match waiter.until(transport, ticket, until).await? {
            // No attempt was made: the transport sends nothing.
            Some(Ok(receipt)) => Ok(Some(receipt).filter(|receipt| receipt.attempts > 0)),
            Some(Err(error)) => Err(error),
            None => {
                let error =
                    EmitError::failed(unanswered("it is queued and may be delivered yet"), 0).at(transport.info());
                account.settle(&Err(error.clone()));
                Err(error)
            }
        }
    }
}

/// Counts what came of an event whose caller has a ticket of ours: an answer, or why it was not handed over.
pub(crate) fn tell(transport: &dyn Transport, account: &Account, settle: Settle, answer: Result<Answer, EmitError>) {
    match answer.and_then(|answer| judged(transport, answer)) {
        Ok(Ack::Delivered(receipt)) => settle.delivered(receipt),
        Ok(Ack::Queued(ticket)) => ticket.observe(move |outcome| settle.settle(outcome.clone())),
        Ok(_skipped) => {
            account.withdraw();
            settle.delivered(Receipt::new(0, Duration::ZERO));
        }
        Err(error) if error.accepted() => settle.lost(error),
        // It had been taken on here. A transport that is closed meanwhile has given it up.
        Err(error) => {
            let fault = Fault::new(error.kind().clone()).sent(error.sent()).with_disposition(error.disposition());
            let ended = if *error.kind() == EmitErrorKind::Closed { EmitError::abandoned } else { EmitError::failed };
            settle.lost(ended(fault.because(error), 0).at(transport.info()));
        }
    }
}

fn judged(transport: &dyn Transport, answer: Answer) -> Result<Ack, EmitError> {
    let fault = match answer {
        Some(Ok(answer)) => return answer,
        Some(Err(panic)) => Fault::new(EmitErrorKind::Faulted).because(panic),
        None => unanswered("the transport did not answer"),
    };
    Err(EmitError::failed(fault, 0).at(transport.info()))
}
