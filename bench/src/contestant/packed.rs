//! A typed event to the compressed body of a request, without sending it.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use flate2::{Compress, Compression, FlushCompress, Status};
use openlineage_core::event::EncodedEvent;
use openlineage_core::model::Event as TypedEvent;

use super::{Contestant, Load, Sample};
use crate::cpu;
use crate::events::{Event, typed};

/// What the transport uses, and the released client.
const LEVEL: u32 = 3;
const WINDOW_BITS: u8 = 15;

/// Makes bodies of a START and a COMPLETE in turn.
pub(crate) struct Packing<E, P> {
    pair: [E; 2],
    pack: P,
}

/// Ours: `EncodedEvent::encode`, then `gzip` of that, new for each event.
pub(crate) fn ours() -> Result<Packing<TypedEvent, impl FnMut(&TypedEvent) -> Result<usize>>> {
    Ok(Packing { pair: typed::pair(0)?.map(TypedEvent::from), pack: pack_ours })
}

/// The libraries: `serde_json::to_vec` of plain structs, then one encoder that is reset between events.
pub(crate) fn plain() -> Packing<Event, impl FnMut(&Event) -> Result<usize>> {
    let mut encoder = Compress::new_gzip(Compression::new(LEVEL), WINDOW_BITS);
    Packing { pair: Event::pair(0), pack: move |event: &Event| Ok(black_box(pack_plain(&mut encoder, event)?).len()) }
}

fn pack_ours(event: &TypedEvent) -> Result<usize> {
    Ok(black_box(EncodedEvent::encode(event)?.gzip()?).len())
}

fn pack_plain(encoder: &mut Compress, event: &Event) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(event)?;
    let mut body = Vec::with_capacity(json.len());
    encoder.reset();
    let status = encoder.compress_vec(&json, &mut body, FlushCompress::Finish)?;
    ensure!(status == Status::StreamEnd, "a body is larger than its event");
    Ok(body)
}

impl<E, P: FnMut(&E) -> Result<usize>> Contestant for Packing<E, P> {
    fn run(&mut self, load: Load) -> Result<Sample> {
        let mut each = Vec::with_capacity(load.events);
        let (cpu, wall) = (cpu::spent(), Instant::now());
        for number in 0..load.events {
            let began = Instant::now();
            let size = (self.pack)(&self.pair[number % 2]).context("an event was not packed")?;
            each.push(began.elapsed());
            ensure!(size > 0, "a body is empty");
        }
        Ok(Sample::of(wall.elapsed(), cpu::spent() - cpu, &each))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn unpacked(body: &[u8]) -> Value {
        serde_json::from_reader(flate2::read::GzDecoder::new(body)).unwrap()
    }

    #[test]
    fn both_make_the_same_body() {
        let mut encoder = Compress::new_gzip(Compression::new(LEVEL), WINDOW_BITS);
        let typed = typed::pair(0).unwrap().map(TypedEvent::from);
        for (plain, typed) in Event::pair(0).iter().zip(&typed) {
            let packed = pack_plain(&mut encoder, plain).unwrap();
            let ours = EncodedEvent::encode(typed).unwrap().gzip().unwrap();
            assert_eq!(unpacked(&packed), serde_json::to_value(plain).unwrap());
            assert_eq!(unpacked(&ours), unpacked(&packed));
            assert!(ours.len().abs_diff(packed.len()) < 40, "{} and {}", ours.len(), packed.len());
        }
    }
}
