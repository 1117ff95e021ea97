/// The ways in which events stand in a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Lines,
    Array,
    /// Over several lines, one after the other.
    Spread,
}

impl Form {
    pub(crate) const ALL: [Self; 3] = [Self::Lines, Self::Array, Self::Spread];

    /// The events as they stand in the file, and the file.
    pub(crate) fn write(self, events: &[String]) -> (Vec<String>, String) {
        let events = match self {
            Self::Spread => events.iter().map(|event| spread(event)).collect(),
            _ => events.to_vec(),
        };
        let text = match self {
            Self::Lines => events.join("\n") + "\n",
            Self::Array => format!("[\n{}\n]\n", events.join(",\n")),
            Self::Spread => events.join("\n"),
        };
        (events, text)
    }
}

/// The same JSON with a line break behind each token that allows one.
fn spread(json: &str) -> String {
    let (mut text, mut in_string, mut escaped) = (String::new(), false, false);
    for char in json.chars() {
        text.push(char);
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' | ',' if !in_string => text.push_str("\n  "),
            _ => {}
        }
    }
    text
}
