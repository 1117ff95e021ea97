/// Follows brackets and strings of JSON text, byte by byte, to tell where a value ends. It does not check anything else.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

/// What a byte is to the value around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// Outside of all brackets and strings.
    Outside,
    /// Part of a value.
    Inside,
    /// The last byte of an object, array or string that began outside.
    Last,
}

impl Scan {
    pub(super) fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            self.step_in_string(byte);
        } else {
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                _ if self.depth == 0 => return Step::Outside,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        if self.is_open() { Step::Inside } else { Step::Last }
    }

    fn step_in_string(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
    }

    /// Is something open that more text would close?
    pub(super) fn is_open(&self) -> bool {
        self.depth > 0 || self.in_string
    }

    /// Is a string open? JSON allows no line break in one.
    pub(super) fn is_in_string(&self) -> bool {
        self.in_string
    }

    /// Does `text` leave something open?
    pub(super) fn leaves_open(text: &[u8]) -> bool {
        let mut scan = Self::default();
        for byte in text {
            scan.step(*byte);
        }
        scan.is_open()
    }
}
