use std::io::{self, BufRead};

use super::scan::Scan;
use super::source::{Item, Source};
use super::values::Values;

/// What some programs begin UTF-8 text with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads items from one input.
pub(crate) struct Reader<R> {
    source: Source<R>,
    form: Form,
}

enum Form {
    Unknown,
    FirstLine,
    Lines,
    Values(Values),
    Array,
}

impl<R: BufRead> Reader<R> {
    pub(crate) fn new(source: Source<R>) -> Self {
        Self { source, form: Form::Unknown }
    }

    /// For input that begins where an earlier reading stopped. `beginning` is the beginning of the file, which decides
    /// the form; if its first line is longer than that, the line here does.
    pub(crate) fn further_on(source: Source<R>, beginning: &[u8]) -> Self {
        let beginning = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
        let mut lines = beginning.trim_ascii_start().splitn(2, |byte| *byte == b'\n');
        let (first, is_whole) = (lines.next().unwrap_or_default(), lines.next().is_some());
        let form = match first.first() {
            Some(b'[') => Form::Array,
            Some(b'{') if is_whole && Scan::leaves_open(first) => Form::Values(Values::default()),
            Some(_) if is_whole => Form::Lines,
            _ => Form::Unknown,
        };
        Self { source, form }
    }

    /// The next item that is not blank, `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Item>> {
        if matches!(self.form, Form::Unknown) && !self.tell_form()? {
            return Ok(None);
        }
        loop {
            let item = match &mut self.form {
                Form::Unknown => return Ok(None),
                Form::FirstLine => self.first_line()?,
                Form::Lines => self.line()?,
                Form::Values(values) => values_item(&mut self.source, values)?,
                Form::Array => self.element()?,
            };
            match (item.map(Item::trimmed), &self.form) {
                (Some(item), _) if !item.bytes.is_empty() || item.too_large => return Ok(Some(item)),
                (None, Form::Lines | Form::Values(_)) => return Ok(None),
                _ => {}
            }
        }
    }

    /// Looks at the first byte that is not white space. `false` if there is none.
    fn tell_form(&mut self) -> io::Result<bool> {
        self.source.skip_mark(BYTE_ORDER_MARK)?;
        self.source.skip_while(|byte| byte.is_ascii_whitespace())?;
        self.form = match self.source.peek()? {
            None => return Ok(false),
            Some(b'[') => Form::Array,
            Some(_) => Form::FirstLine,
        };
        if matches!(self.form, Form::Array) {
            self.source.skip_one();
        }
        Ok(true)
    }

    fn line(&mut self) -> io::Result<Option<Item>> {
        self.source.skip_while(|byte| byte.is_ascii_whitespace())?;
        self.source.text_line()
    }

    fn first_line(&mut self) -> io::Result<Option<Item>> {
        self.form = Form::Lines;
        let Some(line) = self.source.text_line()? else { return Ok(None) };
        if line.bytes.first() == Some(&b'{') && !line.too_large && Scan::leaves_open(&line.bytes) {
            let mut values = Values::default();
            values.line(line, self.source.limit());
            self.form = Form::Values(values);
            return Ok(Some(Item::default()));
        }
        Ok(Some(line))
    }

    /// The text up to the comma or bracket that ends an element. Behind the closing bracket there should be nothing.
    fn element(&mut self) -> io::Result<Option<Item>> {
        self.source.skip_while(|byte| byte.is_ascii_whitespace() || byte == b',')?;
        match self.source.peek()? {
            None => {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the array does not end, there is no `]`"));
            }
            Some(b']') => {
                self.source.skip_one();
                self.form = Form::Lines;
                return self.line();
            }
            Some(_) => {}
        }
        let (mut item, mut scan) = (self.source.here(), Scan::default());
        self.source.take_while(&mut item, |byte| {
            let ends = matches!(byte, b',' | b']') && !scan.is_open();
            if !ends {
                scan.step(byte);
            }
            !ends
        })?;
        Ok(Some(item))
    }
}

fn values_item<R: BufRead>(source: &mut Source<R>, values: &mut Values) -> io::Result<Option<Item>> {
    loop {
        if let Some(item) = values.next_ready() {
            return Ok(Some(item));
        }
        match source.text_line()? {
            Some(line) => values.line(line, source.limit()),
            None => return Ok(values.end()),
        }
    }
}
