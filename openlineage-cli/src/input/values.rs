use std::collections::VecDeque;

use bytes::Bytes;
use openlineage::event::EncodedEvent;

use super::scan::{Scan, Step};
use super::source::Item;

/// Puts objects together that take several lines, one line at a time.
#[derive(Debug, Default)]
pub(super) struct Values {
    scan: Scan,
    open: Option<Item>,
    ready: VecDeque<Item>,
}

impl Values {
    pub(super) fn next_ready(&mut self) -> Option<Item> {
        self.ready.pop_front()
    }

    /// What is left open at the end of the input.
    pub(super) fn end(&mut self) -> Option<Item> {
        self.scan = Scan::default();
        self.open.take()
    }

    pub(super) fn line(&mut self, line: Item, limit: usize) {
        if self.open.is_some() && is_event(&line) {
            // What is open never closed: a line that is an event by itself cannot be within it.
            let broken = self.end();
            self.ready.extend(broken);
        }
        for (at, byte) in line.bytes.iter().enumerate() {
            self.byte(*byte, &line, at, limit);
        }
        if line.too_large {
            // What follows the cut is lost, so nothing can be told of it but that.
            let cut = self.end().unwrap_or(Item { bytes: Vec::new(), ..line });
            self.ready.push_back(Item { too_large: true, ..cut });
        }
        let open_value = self.open.as_ref().is_some_and(|_| self.scan.is_open());
        if !open_value || self.scan.is_in_string() {
            let broken = self.end();
            self.ready.extend(broken);
        }
    }

    fn byte(&mut self, byte: u8, line: &Item, at: usize, limit: usize) {
        let step = self.scan.step(byte);
        if step == Step::Outside && byte.is_ascii_whitespace() && self.open.is_none() {
            return;
        }
        let begin = || {
            let offset = line.offset + at as u64;
            Item { line: line.line, offset, end: offset, ..Item::default() }
        };
        self.open.get_or_insert_with(begin).extend(&[byte], limit);
        if step == Step::Last {
            self.ready.extend(self.open.take());
        }
    }
}

fn is_event(line: &Item) -> bool {
    let begins = line.bytes.first() == Some(&b'{') && !line.too_large;
    begins && EncodedEvent::from_json(Bytes::copy_from_slice(line.bytes.trim_ascii())).is_ok()
}
