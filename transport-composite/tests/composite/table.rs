//! The four policies over every pattern of what one to four legs can do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use openlineage_core::lifecycle::{Deadline, Tally};
use openlineage_core::transport::{Ack, LegFate, LegReceipt, Transport};
use openlineage_transport_composite::{CompositeTransport, LegErrors};

use crate::oracle::{Answer, At, Expected, Flags, expected};
use crate::support::{Act, Leg, event, run};

/// The caller's deadline: what a leg that hangs costs, once for the whole table.
const UNTIL: Duration = Duration::from_secs(5);

#[test]
fn every_policy_over_every_pattern() {
    let until = Deadline::after(UNTIL);
    let began = Instant::now();
    let wrong: Vec<String> = run(async {
        let cases: Vec<_> = cases().map(|(flags, acts)| tokio::spawn(case(flags, acts, until))).collect();
        assert_eq!(cases.len(), 4 * (6 + 36 + 216 + 1296));
        let mut wrong = Vec::new();
        for case in cases {
            wrong.extend(case.await.unwrap().err());
        }
        wrong
    });
    assert!(wrong.is_empty(), "{} wrong, such as:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
    assert!(began.elapsed() < UNTIL * 3, "a table with one deadline took {:?}", began.elapsed());
}

fn cases() -> impl Iterator<Item = (Flags, Vec<Act>)> {
    let patterns = (1..=4_u32).flat_map(|legs| {
        (0..6_usize.pow(legs)).map(move |number| (0..legs).map(|leg| Act::ALL[number / 6_usize.pow(leg) % 6]).collect())
    });
    patterns.flat_map(|acts: Vec<Act>| Flags::ALL.into_iter().map(move |flags| (flags, acts.clone())))
}

async fn case(flags: Flags, acts: Vec<Act>, until: Deadline) -> Result<(), String> {
    let legs: Vec<Arc<Leg>> =
        acts.iter().enumerate().map(|(index, act)| Leg::new(&format!("leg-{index}"), *act)).collect();
    let mut builder =
        CompositeTransport::builder().continue_on_failure(flags.on_failure).continue_on_success(flags.on_success);
    for leg in &legs {
        builder = builder.leg(Arc::clone(leg) as Arc<dyn Transport>);
    }
    let composite = builder.build();
    let expected = expected(flags, &acts);
    let told = tokio::time::timeout(UNTIL * 2, tell(&composite, until)).await;
    let Ok(told) = told else { return Err(format!("{flags:?} {acts:?}: no answer")) };
    let tally = composite.stats().tally;
    compare(&expected, &legs, told, tally).map_err(|why| format!("{flags:?} {acts:?}: {why}; expected {expected:?}"))
}

struct Told {
    answer: Answer,
    delivered: bool,
    legs: Vec<LegReceipt>,
}

async fn tell(composite: &CompositeTransport, until: Deadline) -> Told {
    let answered = composite.emit(event(1), until).await;
    let answer = match &answered {
        Ok(Ack::Delivered(_)) => Answer::Delivered,
        Ok(Ack::Queued(_)) => Answer::Queued,
        _ => Answer::Error,
    };
    let fate = match answered {
        Ok(ack) => ack.fate().await,
        Err(error) => Err(error),
    };
    match fate {
        Ok(receipt) => Told { answer, delivered: true, legs: receipt.unwrap().legs },
        Err(error) => {
            assert!(error.accepted());
            let cause = std::error::Error::source(&error).unwrap();
            let legs = cause.downcast_ref::<LegErrors>().unwrap().legs().to_vec();
            Told { answer, delivered: false, legs }
        }
    }
}

fn compare(expected: &Expected, legs: &[Arc<Leg>], told: Told, tally: Tally) -> Result<(), String> {
    let check = |holds: bool, what: &dyn Fn() -> String| if holds { Ok(()) } else { Err(what()) };
    check(told.answer == expected.answer, &|| format!("answered {:?}", told.answer))?;
    check(told.delivered == expected.delivered, &|| format!("delivered: {}", told.delivered))?;
    let counted = (tally.accepted, tally.delivered, tally.failed);
    let (delivered, failed) = (u64::from(expected.delivered), u64::from(!expected.delivered));
    check(counted == (1, delivered, failed), &|| format!("counted {tally:?}"))?;
    check(told.legs.len() == legs.len(), &|| "not every leg is named".to_owned())?;
    for ((leg, receipt), at) in legs.iter().zip(&told.legs).zip(&expected.legs) {
        check(*receipt.leg == *leg.info().to_string(), &|| format!("a leg is called {}", receipt.leg))?;
        check(matches(*at, &receipt.fate), &|| format!("{} says {:?}", receipt.leg, receipt.fate))?;
        check(leg.got().len() == usize::from(*at != At::Untried), &|| format!("{} got it wrongly", receipt.leg))?;
    }
    let bytes: Vec<_> = legs.iter().flat_map(|leg| leg.got()).map(|event| event.bytes().as_ptr()).collect();
    check(bytes.windows(2).all(|pair| pair[0] == pair[1]), &|| "the bytes were copied".to_owned())
}

fn matches(at: At, fate: &LegFate) -> bool {
    let is = match fate {
        LegFate::Delivered(_) => At::Delivered,
        LegFate::Lost(_) => At::Lost,
        LegFate::Open => At::Open,
        _ => At::Untried,
    };
    at == is || (at == At::Either && is != At::Untried)
}
