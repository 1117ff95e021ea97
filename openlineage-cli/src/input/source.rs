use std::io::{self, BufRead};

/// One piece of the input: what should be an event, and where it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Item {
    /// The text without white space around it; its beginning, up to the limit, if `too_large`.
    pub(crate) bytes: Vec<u8>,
    /// Line of its first byte, counted from 1 at the first byte read.
    pub(crate) line: u64,
    /// Offset of its first byte in the file.
    pub(crate) offset: u64,
    /// Offset behind its last byte, or behind white space that follows it.
    pub(crate) end: u64,
    /// Was it longer than the limit?
    pub(crate) too_large: bool,
}

impl Item {
    pub(super) fn trimmed(mut self) -> Self {
        self.bytes.truncate(self.bytes.trim_ascii_end().len());
        self
    }

    /// Adds a piece that follows this one. White space beyond the limit does not count: it may be trimmed.
    pub(super) fn extend(&mut self, more: &[u8], limit: usize) {
        let (kept, cut) = more.split_at(more.len().min(limit.saturating_sub(self.bytes.len())));
        self.too_large |= !cut.trim_ascii().is_empty();
        self.bytes.extend_from_slice(kept);
        self.end += more.len() as u64;
    }
}

/// Bytes with their place.
pub(crate) struct Source<R> {
    input: R,
    line: u64,
    offset: u64,
    limit: usize,
}

impl<R: BufRead> Source<R> {
    /// `offset` is where `input` stands in its file; `limit` is the largest item kept, in bytes.
    pub(crate) fn new(input: R, offset: u64, limit: usize) -> Self {
        Self { input, line: 1, offset, limit }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// An empty item that begins here.
    pub(super) fn here(&self) -> Item {
        Item { line: self.line, offset: self.offset, end: self.offset, ..Item::default() }
    }

    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    /// Takes bytes into `item` for as long as `wanted` says so of the next one.
    pub(super) fn take_while(&mut self, item: &mut Item, mut wanted: impl FnMut(u8) -> bool) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            let available = buffer.len();
            let taken = buffer.iter().position(|byte| !wanted(*byte)).unwrap_or(available);
            item.extend(&buffer[..taken], self.limit);
            self.line += buffer[..taken].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.pass(taken);
            if taken < available || available == 0 {
                return Ok(());
            }
        }
    }

    pub(super) fn skip_while(&mut self, mut unwanted: impl FnMut(u8) -> bool) -> io::Result<()> {
        while let Some(byte) = self.peek()?.filter(|byte| unwanted(*byte)) {
            self.pass(1);
            self.line += u64::from(byte == b'\n');
        }
        Ok(())
    }

    /// Skips the byte that was looked at last.
    pub(super) fn skip_one(&mut self) {
        self.pass(1);
    }

    /// Skips `mark` if it comes next, all of it in one piece.
    pub(super) fn skip_mark(&mut self, mark: &[u8]) -> io::Result<()> {
        if self.input.fill_buf()?.starts_with(mark) {
            self.pass(mark.len());
        }
        Ok(())
    }

    /// The next line with its line break, `None` at the end. It does not look beyond the line break, where there may be
    /// nothing yet.
    pub(super) fn text_line(&mut self) -> io::Result<Option<Item>> {
        let mut item = self.here();
        loop {
            let buffer = self.input.fill_buf()?;
            let line_break = buffer.iter().position(|byte| *byte == b'\n');
            let taken = line_break.map_or(buffer.len(), |at| at + 1);
            item.extend(&buffer[..taken], self.limit);
            self.line += u64::from(line_break.is_some());
            self.pass(taken);
            if line_break.is_some() || taken == 0 {
                return Ok((item.end > item.offset).then_some(item));
            }
        }
    }

    fn pass(&mut self, bytes: usize) {
        self.input.consume(bytes);
        self.offset += bytes as u64;
    }
}
