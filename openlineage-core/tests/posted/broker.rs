//! A broker in this process: takes what is posted, and reports what a scripted sink answers.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use async_trait::async_trait;
use openlineage_core::engine::{Deliver, Post, Report, Reports};
use openlineage_core::error::{EmitErrorKind, Fault, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::{Connected, ScriptedDeliver};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[derive(Debug)]
pub(crate) struct Broker(pub(crate) ScriptedDeliver);

pub(crate) struct Line {
    connected: Connected,
    posted: UnboundedSender<(usize, EncodedEvent)>,
    taken: Mutex<UnboundedReceiver<(usize, EncodedEvent)>>,
}

#[async_trait]
impl Post for Broker {
    type Connection = Line;
    type Parcel = EncodedEvent;

    fn pack(&self, event: &EncodedEvent) -> Result<EncodedEvent, Fault> {
        Ok(event.clone())
    }

    async fn open(&self, until: Deadline) -> Result<Line, Fault> {
        let connected = self.0.open(until).await?;
        let (posted, taken) = unbounded_channel();
        Ok(Line { connected, posted, taken: Mutex::new(taken) })
    }

    fn post(&self, line: &Line, event: EncodedEvent, number: usize) -> Result<(), Fault> {
        line.posted.send((number, event)).map_err(|_| Fault::new(EmitErrorKind::Unreachable).sent(Sent::No))
    }

    async fn serve(&self, line: &Line, reports: &Reports) -> Fault {
        let mut taken = line.taken.lock().await;
        let mut under_way: Vec<Pin<Box<dyn Future<Output = Report> + Send>>> = Vec::new();
        poll_fn(|cx| {
            while let Poll::Ready(Some((number, event))) = taken.poll_recv(cx) {
                under_way.push(Box::pin(async move {
                    (number, self.0.deliver(&line.connected, &event, Deadline::never()).await)
                }));
            }
            under_way.retain_mut(|call| match call.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(report) => {
                    reports.settle(&mut vec![report]);
                    false
                }
            });
            Poll::<Fault>::Pending
        })
        .await
    }

    async fn shut(&self, _line: &Line, _reports: &Reports, _until: Deadline) {}
}
