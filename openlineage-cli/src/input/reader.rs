use std::io::{self, BufRead};

use super::scan::Scan;
use super::source::{Item, Source};
use super::values::Values;

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
    /// `in_array` says that the input begins within an array, where an earlier reading stopped.
    pub(crate) fn new(source: Source<R>, in_array: bool) -> Self {
        Self { source, form: if in_array { Form::Array } else { Form::Unknown } }
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
                Form::Lines => self.source.text_line()?,
                Form::Values(values) => values_item(&mut self.source, values)?,
                Form::Array => self.element()?,
            };
            match (item.map(Item::trimmed), &self.form) {
                (Some(item), _) if !item.bytes.is_empty() => return Ok(Some(item)),
                (None, Form::Lines | Form::Values(_)) => return Ok(None),
                _ => {}
            }
        }
    }

    /// Looks at the first byte that is not white space. `false` if there is none.
    fn tell_form(&mut self) -> io::Result<bool> {
        self.source.skip_while(|byte| byte.is_ascii_whitespace())?;
        self.form = match self.source.peek()? {
            None => return Ok(false),
            Some(b'[') => Form::Array,
            Some(_) => Form::FirstLine,
        };
        if matches!(self.form, Form::Array) {
            let mut bracket = true;
            self.source.skip_while(|_| std::mem::take(&mut bracket))?;
        }
        Ok(true)
    }

    fn first_line(&mut self) -> io::Result<Option<Item>> {
        self.form = Form::Lines;
        let Some(line) = self.source.text_line()? else { return Ok(None) };
        if line.bytes.first() == Some(&b'{') && Scan::leaves_open(&line.bytes) {
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
                self.form = Form::Lines;
                return Ok(None);
            }
            Some(b']') => {
                let mut bracket = true;
                self.source.skip_while(|_| std::mem::take(&mut bracket))?;
                self.form = Form::Lines;
                return Ok(None);
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
