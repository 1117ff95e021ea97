use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, State};
use openlineage_core::transport::{Ack, LegFate, Ticket, Transport};

use super::Outcome;
use crate::breaker::Pass;
use crate::fence::{Fenced, Panicked};
use crate::leg::Leg;
use crate::life::past;

/// How much later than its deadline a leg may answer: it keeps it, but by another tick of the clock, on another thread.
const GRACE: Duration = Duration::from_millis(50);

/// How far one event has got at one leg.
pub(super) enum Run {
    Untried,
    /// The leg is asked.
    Asked {
        call: Fenced<Result<Ack, EmitError>>,
        handing: Handing,
        pass: Option<Pass>,
    },
    /// It has queued the event, and what comes next depends on the event's fate.
    Awaited {
        ticket: Ticket,
        handing: Handing,
    },
    /// It has queued the event.
    Taken(Ticket),
    Known(LegFate),
}

/// How a leg is given an event.
#[derive(Clone, Copy)]
pub(super) struct Handing {
    pub(super) until: Deadline,
    /// Wait for the event's fate if the leg queues it.
    pub(super) waits: bool,
    /// A leg that has run out of time has failed, whatever it may still do.
    pub(super) needs_all: bool,
}

impl Run {
    pub(super) fn start(leg: &Arc<dyn Transport>, event: EncodedEvent, handing: Handing, pass: Option<Pass>) -> Self {
        let leg = Arc::clone(leg);
        Self::Asked { call: Fenced::new(async move { leg.emit(event, handing.until).await }), handing, pass }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            *self = match self {
                Self::Asked { call, handing, pass } => {
                    let Poll::Ready(said) = Pin::new(call).poll(cx) else { return Poll::Pending };
                    Self::answered(said, *handing, pass.take())
                }
                Self::Awaited { ticket, .. } => {
                    let Poll::Ready(outcome) = Pin::new(ticket).poll(cx) else { return Poll::Pending };
                    Self::Known(fate(outcome))
                }
                Self::Untried | Self::Taken(_) | Self::Known(_) => return Poll::Ready(()),
            }
        }
    }

    fn answered(said: Result<Result<Ack, EmitError>, Panicked>, handing: Handing, pass: Option<Pass>) -> Self {
        let answer = match said {
            Ok(answer) => answer,
            Err(Panicked(message)) => Err(EmitError::failed(Fault::new(EmitErrorKind::Faulted).because(message), 1)),
        };
        let outcome = match answer {
            Ok(Ack::Queued(ticket)) => {
                if let Some(pass) = pass {
                    ticket.observe(move |outcome| pass.settle(outcome.as_ref()));
                }
                return if handing.waits { Self::Awaited { ticket, handing } } else { Self::Taken(ticket) };
            }
            Ok(Ack::Skipped(reason)) => return Self::Known(LegFate::Skipped(reason)),
            Ok(Ack::Delivered(receipt)) => Ok(receipt),
            Ok(other) => Err(EmitError::failed(Fault::new(EmitErrorKind::Faulted).because(format!("{other:?}")), 1)),
            Err(error) => Err(error),
        };
        if let Some(pass) = pass {
            pass.settle(outcome.as_ref());
        }
        Self::Known(fate(outcome))
    }

    /// When this leg is left behind, if it has the event.
    pub(super) fn limit(&self) -> Option<Deadline> {
        match self {
            Self::Asked { handing, .. } => Some(past(handing.until, GRACE)),
            Self::Awaited { handing, .. } => Some(handing.until),
            Self::Untried | Self::Taken(_) | Self::Known(_) => None,
        }
    }

    /// Leaves the leg behind if its time is over.
    pub(super) fn expire(&mut self) {
        match std::mem::replace(self, Self::Untried) {
            Self::Asked { call, handing, pass } if handing.until.has_passed() => {
                drop(call);
                let error = out_of_time("the leg did not answer by its deadline");
                if let Some(pass) = pass {
                    pass.settle(Err(&error));
                }
                *self = Self::Known(LegFate::Lost(error));
            }
            Self::Awaited { ticket, handing } if handing.until.has_passed() => *self = Self::run_out(ticket, handing),
            other => *self = other,
        }
    }

    /// A leg that queues has not delivered in time. Unless the event can be had back, it may still be delivered.
    fn run_out(mut ticket: Ticket, handing: Handing) -> Self {
        let _withdrawn = ticket.withdraw();
        match Pin::new(&mut ticket).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Self::Known(fate(outcome)),
            Poll::Pending if handing.needs_all => {
                Self::Known(LegFate::Lost(out_of_time("it waits in the leg's queue")))
            }
            Poll::Pending => Self::Taken(ticket),
        }
    }

    /// Is the leg busy with something that comes before it takes the event on?
    pub(super) fn is_starting(&self, leg: &Leg) -> bool {
        matches!(self, Self::Asked { .. }) && leg.state() == State::New
    }

    /// Has the leg taken the event on, as far as one can tell?
    pub(super) fn has_taken(&self, leg: &Leg) -> bool {
        match self {
            Self::Untried => false,
            Self::Asked { .. } => leg.state() == State::Active,
            Self::Awaited { .. } | Self::Taken(_) => true,
            Self::Known(LegFate::Delivered(_)) => true,
            Self::Known(LegFate::Lost(error)) => error.accepted(),
            Self::Known(_) => false,
        }
    }

    pub(super) fn fate(&self) -> LegFate {
        match self {
            Self::Untried => LegFate::Untried,
            Self::Asked { .. } | Self::Awaited { .. } | Self::Taken(_) => LegFate::Open,
            Self::Known(fate) => fate.clone(),
        }
    }

    pub(super) fn into_ticket(self) -> Option<Ticket> {
        match self {
            Self::Taken(ticket) => Some(ticket),
            _ => None,
        }
    }
}

fn fate(outcome: Outcome) -> LegFate {
    match outcome {
        Ok(receipt) => LegFate::Delivered(receipt),
        Err(error) => LegFate::Lost(error),
    }
}

fn out_of_time(why: &'static str) -> EmitError {
    EmitError::failed(Fault::new(EmitErrorKind::Timeout).because(why), 1)
}
