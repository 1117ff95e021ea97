use std::borrow::Cow;

/// `json` without line breaks, and so as one line; every other space between tokens goes with them.
pub(super) fn one_line(json: &[u8]) -> Cow<'_, [u8]> {
    // A string cannot hold a bare line break, so these stand between tokens if at all.
    if !json.contains(&b'\n') && !json.contains(&b'\r') {
        return Cow::Borrowed(json);
    }
    let mut line = Vec::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for &byte in json {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            in_string = byte == b'"';
        }
        line.push(byte);
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_go_between_tokens_and_stay_in_strings() {
        let json = b"{\r\n\t\"a b\\\\\" : \"c \\\" d\\n\",\n \"e\" : [ 1, 2 ]}\n";
        assert_eq!(&*one_line(json), br#"{"a b\\":"c \" d\n","e":[1,2]}"#);
    }

    #[test]
    fn one_line_stays_as_it_is() {
        assert!(matches!(one_line(br#"{ "a" : 1 }"#), Cow::Borrowed(br#"{ "a" : 1 }"#)));
    }
}
