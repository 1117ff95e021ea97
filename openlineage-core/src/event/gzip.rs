//! Gzip of an event's text, and back.

use std::cell::Cell;
use std::io;
use std::thread::LocalKey;

use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What the Python client uses.
const LEVEL: u32 = 3;
const WINDOW_BITS: u8 = 15;

/// Length of what stands before the deflated text, which names no file and no time, and of what stands behind it.
const HEADER: usize = 10;
const TRAILER: usize = 8;

/// Compressing more than this, in bytes, takes milliseconds. A thread keeps no larger buffer between two events.
pub(super) const SLOW: usize = 256 * 1024;

// One encoder and one decoder a thread, reset each time: the 300 KiB of an encoder, made anew for each event between
// what lives long, would fragment the heap without bound.
thread_local! {
    static PACKER: Cell<Option<Packer>> = const { Cell::new(None) };
    static UNPACKER: Cell<Option<Decompress>> = const { Cell::new(None) };
}

/// `plain` as one gzip member, to size.
pub(super) fn pack(plain: &[u8]) -> io::Result<Bytes> {
    with_kept(&PACKER, Packer::new, |packer| packer.pack(plain))
}

/// The `len` bytes that [`pack`] made `packed` from; `None` where it did not.
pub(super) fn unpack(packed: &[u8], len: usize) -> Option<Bytes> {
    let deflated = packed.get(HEADER..packed.len().checked_sub(TRAILER)?)?;
    // Without the header, because only a decoder that expects none is reset without being made anew.
    let make = || Decompress::new(false);
    with_kept(&UNPACKER, make, |decoder| {
        decoder.reset(false);
        let mut plain = Vec::with_capacity(len);
        let status = decoder.decompress_vec(deflated, &mut plain, FlushDecompress::Finish).ok()?;
        (status == Status::StreamEnd && plain.len() == len).then(|| plain.into())
    })
}

fn with_kept<T, R>(
    place: &'static LocalKey<Cell<Option<T>>>,
    make: impl FnOnce() -> T,
    work: impl FnOnce(&mut T) -> R,
) -> R {
    let mut kept = place.try_with(Cell::take).ok().flatten().unwrap_or_else(make);
    let result = work(&mut kept);
    // A thread that ends has no place to keep it.
    let _ = place.try_with(|place| place.set(Some(kept)));
    result
}

struct Packer {
    encoder: Compress,
    out: Vec<u8>,
}

impl Packer {
    fn new() -> Self {
        Self { encoder: Compress::new_gzip(Compression::new(LEVEL), WINDOW_BITS), out: Vec::new() }
    }

    fn pack(&mut self, plain: &[u8]) -> io::Result<Bytes> {
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
        if self.out.capacity() > SLOW {
            self.out = Vec::new();
        }
        Ok(packed)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// What any other decoder makes of it.
    fn peer(packed: &[u8]) -> Vec<u8> {
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
    fn one_encoder_and_one_decoder_do_for_many_bodies() {
        for plain in [b"{}".to_vec(), Vec::new(), vec![b'a'; 300_000], noise(100_000), b"{\"a\":1}".to_vec()] {
            let packed = pack(&plain).unwrap();
            assert_eq!(peer(&packed), plain);
            assert_eq!(unpack(&packed, plain.len()).unwrap(), plain);
        }
    }

    #[test]
    fn a_body_has_the_bytes_of_a_fresh_encoder() {
        pack(&noise(5_000)).unwrap();
        for plain in [b"{}".repeat(40_000), noise(70_000)] {
            let mut fresh = flate2::read::GzEncoder::new(plain.as_slice(), Compression::new(3));
            let mut expected = Vec::new();
            fresh.read_to_end(&mut expected).unwrap();
            assert_eq!(pack(&plain).unwrap()[HEADER..], expected[HEADER..]);
        }
    }

    #[test]
    fn what_was_not_packed_is_not_unpacked() {
        let packed = pack(b"{\"a\":1}").unwrap();
        assert_eq!(unpack(&packed, 6), None);
        assert_eq!(unpack(&packed, 8), None);
        assert_eq!(unpack(&packed[..HEADER + TRAILER - 1], 7), None);
        assert_eq!(unpack(&noise(100), 7), None);
        assert_eq!(unpack(&packed, 7).unwrap(), "{\"a\":1}");
    }
}
