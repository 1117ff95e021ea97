//! Emission on the calling thread: all of inline mode, and what a thread of thread mode does.

use std::sync::Arc;

use openlineage_core::blocking::park;
use openlineage_core::client::Prepared;
use openlineage_core::error::{EmitError, EmitErrorKind};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::{Ack, Receipt, Transport};

use crate::account::Account;
use crate::call::Call;
use crate::lanes::Turn;
use crate::mode::FenceExpiry;
use crate::payload::Payload;
use crate::session::{Means, Session, unsent};
use crate::taken::{Answer, Taken};
use crate::wait::{Waiter, fenced, parked, refuse_parking};

/// Emits and waits for the event's fate.
pub(crate) fn emit(session: &Arc<Session>, call: &Call, payload: Payload) -> Result<Option<Receipt>, EmitError> {
    let taken = begin(session, call, payload).and_then(|taken| {
        let fate = taken.fate(session.transport(), call.limits().work, Waiter::Parked);
        parked(session.transport(), fate)
    });
    call.arrived();
    taken
}

/// Emits and leaves an event that its transport queues to the transport.
pub(crate) fn hand_over(session: &Arc<Session>, call: &Call, payload: Payload) -> Result<Ack, EmitError> {
    let taken = begin(session, call, payload);
    call.arrived();
    taken.map(|taken| taken.ack)
}

fn begin(session: &Arc<Session>, call: &Call, payload: Payload) -> Result<Taken, EmitError> {
    let event = match prepared(session, call, payload) {
        Ok(Prepared::Ready(event)) => event,
        Ok(Prepared::Skipped(reason)) => return Ok(Taken::known(Ack::Skipped(reason))),
        Err(error) => return Err(refused(session, call, error)),
    };
    let account = session.admit()?;
    if !call.sets_out(&account) {
        account.withdraw();
        return Err(refused(session, call, EmitError::refused_by(unsent("its caller has left"))));
    }
    let turn = session.turn(|| event.lane());
    match send(session, call, event, turn) {
        Ok(answer) => Taken::of(session, account, answer),
        Err(error) => Err(lost(session, &account, error)),
    }
}

fn prepared(session: &Session, call: &Call, payload: Payload) -> Result<Prepared, EmitError> {
    if call.is_over() {
        return Err(EmitError::refused_by(unsent("the time of its call is over")));
    }
    refuse_parking()?;
    let until = call.limits().work;
    let prepared = park(session.transport(), session.prepare(payload, until), until)?;
    prepared.unwrap_or_else(|| Err(EmitError::refused_by(unsent("it took too long to prepare"))))
}

fn refused(session: &Session, call: &Call, error: EmitError) -> EmitError {
    if call.counts_refusal() { session.gate.refuse(error) } else { error }
}

/// Prepares and hands over an event that was taken on before. One that the client leaves out comes back as skipped.
///
/// # Errors
///
/// It was not handed over.
pub(crate) fn carry(session: &Session, call: &Call, payload: Payload, turn: Option<Turn>) -> Result<Answer, EmitError> {
    match prepared(session, call, payload)? {
        Prepared::Ready(event) => send(session, call, event, turn),
        Prepared::Skipped(reason) => Ok(Some(Ok(Ok(Ack::Skipped(reason))))),
    }
}

/// Hands an event to the transport in its turn and waits for the answer.
///
/// # Errors
///
/// It was not handed over: its turn did not come, or this thread must not wait.
fn send(session: &Session, call: &Call, event: EncodedEvent, turn: Option<Turn>) -> Result<Answer, EmitError> {
    let (transport, limits) = (session.transport(), call.limits());
    let reordered = match (&turn, &session.means) {
        (Some(turn), Means::Thread(threads)) => !in_turn(transport, turn, threads.fence, limits.work)?,
        _ => false,
    };
    if !call.is_handed_over() {
        return Err(EmitError::failed(unsent("its caller has left"), 0).at(transport.info()));
    }
    let answer = park(transport, fenced(transport.emit(event, limits.work)), limits.caller)?;
    Ok(if reordered { answer.map(marked) } else { answer })
}

/// Waits for the event's turn. `false` if it goes without.
fn in_turn(transport: &dyn Transport, turn: &Turn, fence: FenceExpiry, until: Deadline) -> Result<bool, EmitError> {
    if turn.has_come() {
        return Ok(true);
    }
    let limit = match fence {
        FenceExpiry::SendAnyway => until.remaining().map_or(until, |left| Deadline::after(left / 2)),
        FenceExpiry::Report => until,
    };
    match (park(transport, turn.comes(), limit)?, fence) {
        (Some(()), _) => Ok(true),
        (None, FenceExpiry::SendAnyway) => Ok(false),
        (None, FenceExpiry::Report) => {
            let fault = unsent("an earlier event of its run is still under way");
            Err(EmitError::failed(fault, 0).at(transport.info()))
        }
    }
}

fn marked(answer: Result<Result<Ack, EmitError>, String>) -> Result<Result<Ack, EmitError>, String> {
    match answer {
        Ok(Ok(Ack::Delivered(receipt))) => Ok(Ok(Ack::Delivered(receipt.out_of_order()))),
        other => other,
    }
}

fn lost(session: &Session, account: &Account, error: EmitError) -> EmitError {
    if *error.kind() == EmitErrorKind::WouldDeadlock && account.withdraw() {
        return session.gate.refuse(error);
    }
    account.settle(&Err(error.clone()));
    error
}
