use std::error::Error;
use std::time::Duration;

use crate::error::EmitError;
use crate::lifecycle::Deadline;
use crate::testkit::harness::Setup;
use crate::testkit::logs::Logs;
use crate::testkit::sink::Answer;
use crate::testkit::stage::{LONG, SHORT, Stage, close_within};
use crate::testkit::verdict::{Outcome, ensure};

const CANARY: &str = "canary-7d1f4c";

/// S1: the secret is in no Debug output, error, report or log, whatever happens to the transport.
pub(in crate::testkit) fn stays(stage: &Stage) -> Outcome {
    stage.need(stage.can.holds_secret, "holds_secret")?;
    let logs = Logs::capture()?;
    let transport = stage.build(Setup { secret: CANARY.to_owned(), ..Setup::default() });
    hides("Debug of a new transport", &format!("{transport:?} {transport:#?} {:?}", transport.info()))?;
    stage.deliver(&transport, 1)?;
    hides("Debug of an active transport", &format!("{transport:?} {transport:#?} {:?}", transport.stats()))?;
    if stage.can.answers {
        let faults = [Answer::Permanent, Answer::Transient, Answer::Throttle(Duration::from_secs(1)), Answer::Stall];
        for fault in faults {
            // A queueing transport does not end an event at its caller's deadline: let the next attempt end it.
            let then = if stage.can.confirms_each { fault } else { Answer::Permanent };
            stage.script(&[fault].into_iter().filter(|fault| *fault != Answer::Stall).collect::<Vec<_>>(), then)?;
            if let Err(error) = stage.emit_until(&transport, Deadline::after(SHORT))? {
                hides("an error", &chain(&error))?;
            }
        }
        stage.script(&[], Answer::Accept)?;
    }
    let report = close_within(&transport, LONG)?;
    hides("the report", &format!("{report:?}"))?;
    if let Err(error) = stage.emit(&transport)? {
        hides("an error after close", &chain(&error))?;
    }
    hides("Debug of a closed transport", &format!("{transport:?}"))?;
    hides("the log", &logs.all())
}

fn hides(what: &str, text: &str) -> Outcome {
    ensure(!text.contains(CANARY), || format!("{what} shows the secret"))
}

fn chain(error: &EmitError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(" {error} {error:?}");
        cause = error.source();
    }
    text
}
