use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use flate2::{Compress, CompressError, Compression, FlushCompress, Status};
use openlineage_core::error::{BoxError, EmitErrorKind, Fault, Sent};

/// What the Python client uses.
const LEVEL: u32 = 3;
const WINDOW_BITS: u8 = 15;

/// Larger bodies are compressed on the blocking pool.
const LARGE: usize = 256 * 1024;

/// Compressed bodies kept for a next attempt, at most.
const KEPT: usize = 64;

thread_local! {
    static PACKER: RefCell<Option<Packer>> = const { RefCell::new(None) };
}

/// Compresses bodies, each once however often it is sent.
#[derive(Debug, Default)]
pub(crate) struct Gzip {
    /// Bodies whose last attempt failed or was cut off, by the event they were made from. Holding the event keeps its
    /// address from being used again, so the address says which event it is.
    kept: Mutex<Vec<(Bytes, Bytes)>>,
}

/// A compressed body under way. Dropped without [`done`](Self::done) it is kept for the next attempt.
pub(crate) struct Packed<'a> {
    from: &'a Gzip,
    plain: Bytes,
    packed: Option<Bytes>,
}

impl Gzip {
    /// The body for this event.
    pub(crate) async fn pack(&self, plain: &Bytes) -> Result<Packed<'_>, Fault> {
        let packed = match self.take(plain) {
            Some(packed) => packed,
            None if plain.len() <= LARGE => compress(plain).map_err(unpackable)?,
            None => {
                let large = plain.clone();
                let packing = tokio::task::spawn_blocking(move || compress(&large));
                packing.await.map_err(unpackable)?.map_err(unpackable)?
            }
        };
        Ok(Packed { from: self, plain: plain.clone(), packed: Some(packed) })
    }

    fn take(&self, plain: &Bytes) -> Option<Bytes> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(from, _)| from.as_ptr() == plain.as_ptr() && from.len() == plain.len())?;
        Some(kept.swap_remove(at).1)
    }

    fn keep(&self, plain: Bytes, packed: Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // An event that only this list still holds was given up.
        kept.retain(|(from, _)| !from.is_unique());
        if kept.len() < KEPT {
            kept.push((plain, packed));
        }
    }
}

impl Packed<'_> {
    pub(crate) fn body(&self) -> Bytes {
        self.packed.clone().unwrap_or_default()
    }

    /// There will be no next attempt.
    pub(crate) fn done(mut self) {
        self.packed = None;
    }
}

impl Drop for Packed<'_> {
    fn drop(&mut self) {
        if let Some(packed) = self.packed.take() {
            self.from.keep(std::mem::take(&mut self.plain), packed);
        }
    }
}

fn unpackable(error: impl Into<BoxError>) -> Fault {
    Fault::new(EmitErrorKind::Encode).sent(Sent::No).because(error)
}

/// One encoder a thread, reset each time: its 300 KiB made anew for each event would fragment the heap without bound.
fn compress(plain: &[u8]) -> Result<Bytes, CompressError> {
    PACKER.with(|packer| match packer.try_borrow_mut() {
        Ok(mut packer) => packer.get_or_insert_with(Packer::new).pack(plain),
        // Only in a process that was forked in the middle of this function.
        Err(_) => Packer::new().pack(plain),
    })
}

struct Packer {
    encoder: Compress,
    out: Vec<u8>,
}

impl Packer {
    fn new() -> Self {
        Self { encoder: Compress::new_gzip(Compression::new(LEVEL), WINDOW_BITS), out: Vec::new() }
    }

    fn pack(&mut self, plain: &[u8]) -> Result<Bytes, CompressError> {
        self.encoder.reset();
        self.out.clear();
        let mut room = plain.len() / 4 + 256;
        loop {
            self.out.reserve(room);
            let rest = plain.get(self.encoder.total_in() as usize..).unwrap_or_default();
            if self.encoder.compress_vec(rest, &mut self.out, FlushCompress::Finish)? == Status::StreamEnd {
                break;
            }
            room = self.out.len();
        }
        let packed = Bytes::copy_from_slice(&self.out);
        if self.out.capacity() > LARGE {
            self.out = Vec::new();
        }
        Ok(packed)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn unpack(packed: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut plain).unwrap();
        plain
    }

    /// Bytes that do not compress, from a linear congruence.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn one_encoder_packs_many_bodies() {
        for plain in [b"{}".to_vec(), Vec::new(), vec![b'a'; 300_000], noise(100_000), b"{\"a\":1}".to_vec()] {
            assert_eq!(unpack(&compress(&plain).unwrap()), plain);
        }
    }

    #[test]
    fn a_body_is_compressed_once_until_it_is_done() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (gzip, plain) = (Gzip::default(), Bytes::from(b"{}".repeat(300_000)));
        runtime.block_on(async {
            let first = gzip.pack(&plain).await.unwrap();
            let address = first.body().as_ptr();
            drop(first);
            let again = gzip.pack(&plain).await.unwrap();
            assert_eq!(again.body().as_ptr(), address);
            assert_eq!(unpack(&again.body()), plain);
            again.done();
        });
        assert!(gzip.kept.lock().unwrap().is_empty());
    }

    #[test]
    fn bodies_of_events_that_were_given_up_are_let_go() {
        let gzip = Gzip::default();
        for n in 0_usize..1000 {
            gzip.keep(Bytes::from(n.to_string()), Bytes::new());
        }
        assert_eq!(gzip.kept.lock().unwrap().len(), 1);
    }
}
