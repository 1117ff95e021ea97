use std::io::{self, BufRead, BufReader, Read};

use proptest::prelude::*;

use super::{Item, Reader, Source};

const NO_LIMIT: usize = usize::MAX;

/// All items, read through a buffer of `capacity` bytes.
fn read(text: &[u8], capacity: usize, limit: usize) -> io::Result<Vec<Item>> {
    collect(Reader::new(Source::new(BufReader::with_capacity(capacity, text), 0, limit)))
}

fn read_on(text: &[u8], capacity: usize, offset: usize) -> io::Result<Vec<Item>> {
    let input = BufReader::with_capacity(capacity, &text[offset..]);
    let source = Source::new(input, offset as u64, NO_LIMIT);
    collect(if offset > 0 { Reader::further_on(source, text) } else { Reader::new(source) })
}

fn collect<R: BufRead>(mut reader: Reader<R>) -> io::Result<Vec<Item>> {
    std::iter::from_fn(|| reader.next().transpose()).collect()
}

fn items(text: &str) -> Vec<String> {
    let items = read(text.as_bytes(), 7, NO_LIMIT).unwrap();
    items.into_iter().map(|item| String::from_utf8(item.bytes).unwrap()).collect()
}

/// JSON text with `space` between its tokens.
fn json(space: &'static str) -> impl Strategy<Value = String> {
    let string = "[a-z\u{e4}{}\\[\\]\",:\\\\\n\r\t ]{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap());
    let number = "-?[1-9][0-9]{0,25}(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?";
    let leaf = prop_oneof![Just("null".to_owned()), number, string.clone()];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_flat_map(move |parts| join(parts, '[', ']', space));
        prop_oneof![list, object(inner, space)]
    })
}

fn object(value: impl Strategy<Value = String>, space: &'static str) -> impl Strategy<Value = String> {
    let field = ("[a-z\u{e4}{}\\[\\]]{0,6}", space, space, value);
    let field = field.prop_map(|(key, before, after, value)| format!("\"{key}\"{before}:{after}{value}"));
    prop::collection::vec(field, 0..4).prop_flat_map(move |fields| join(fields, '{', '}', space))
}

fn join(parts: Vec<String>, open: char, close: char, space: &'static str) -> impl Strategy<Value = String> {
    let text = (Just(parts), space, space);
    text.prop_map(move |(parts, before, after)| {
        format!("{open}{before}{}{after}{close}", parts.join(&format!("{after},{before}")))
    })
}

fn objects(space: &'static str) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(object(json(space), space), 1..6)
}

/// The items, and a text that holds them.
type Encoded = (Vec<String>, String);

fn lines() -> impl Strategy<Value = Encoded> {
    let breaks = prop::collection::vec("[ \t]{0,2}\r?\n[ \t\n]{0,2}", 6);
    (objects("[ \t]{0,2}"), breaks, "[ \t\n]{0,3}", any::<bool>()).prop_map(|(items, breaks, before, ended)| {
        let mut text = before;
        for (item, line_break) in items.iter().zip(&breaks) {
            text.extend([item, line_break.as_str()]);
        }
        if !ended {
            text.truncate(text.trim_ascii_end().len());
        }
        (items, text)
    })
}

fn values() -> impl Strategy<Value = Encoded> {
    let space = "[ \t\r\n]{0,3}";
    (objects(space), prop::collection::vec(space, 6), space).prop_map(|(mut items, between, before)| {
        // The first line must not be complete, or it would be taken as one value a line.
        items[0].insert(1, '\n');
        let text = items.iter().zip(&between).flat_map(|(item, space)| [item.as_str(), space]).collect::<String>();
        (items, before + &text)
    })
}

fn array() -> impl Strategy<Value = Encoded> {
    let space = "[ \t\r\n]{0,3}";
    (objects(space), prop::collection::vec(space, 6), space).prop_map(|(items, spaces, before)| {
        let padded: Vec<String> =
            items.iter().zip(&spaces).map(|(item, space)| format!("{space}{item}{space}")).collect();
        (items, format!("{before}[{}]{before}", padded.join(",")))
    })
}

fn check((expected, text): &Encoded, capacity: usize) -> Result<(), TestCaseError> {
    let found = read(text.as_bytes(), capacity, NO_LIMIT).unwrap();
    let bytes: Vec<&[u8]> = found.iter().map(|item| item.bytes.as_slice()).collect();
    prop_assert_eq!(bytes, expected.iter().map(String::as_bytes).collect::<Vec<_>>());
    for (number, item) in found.iter().enumerate() {
        let (begin, end) = (item.offset as usize, item.end as usize);
        prop_assert!(!item.too_large);
        prop_assert_eq!(&text.as_bytes()[begin..begin + item.bytes.len()], item.bytes.as_slice());
        prop_assert_eq!(text[begin + item.bytes.len()..end].trim_ascii(), "");
        prop_assert_eq!(item.line, 1 + text[..begin].matches('\n').count() as u64);
        for (from, rest) in [(begin, &expected[number..]), (end, &expected[number + 1..])] {
            let again = read_on(text.as_bytes(), capacity, from).unwrap();
            let again: Vec<_> = again.into_iter().map(|item| String::from_utf8(item.bytes).unwrap()).collect();
            prop_assert_eq!(again.as_slice(), rest);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn lines_are_found_with_their_place(encoded in lines(), capacity in 1_usize..40) {
        check(&encoded, capacity)?;
    }

    #[test]
    fn array_elements_are_found_with_their_place(encoded in array(), capacity in 1_usize..40) {
        check(&encoded, capacity)?;
    }

    #[test]
    fn objects_of_several_lines_are_found_with_their_place(encoded in values(), capacity in 1_usize..40) {
        check(&encoded, capacity)?;
    }

    #[test]
    fn only_what_is_beyond_the_limit_is_too_large(
        (expected, text) in prop_oneof![lines(), array()],
        capacity in 1_usize..40,
        limit in 1_usize..40,
    ) {
        let found = read(text.as_bytes(), capacity, limit).unwrap();
        prop_assert_eq!(found.len(), expected.len());
        for (item, expected) in found.iter().zip(&expected) {
            prop_assert_eq!(item.too_large, expected.len() > limit);
            prop_assert_eq!(item.bytes.as_slice(), expected.as_bytes()[..expected.len().min(limit)].trim_ascii_end());
        }
    }

    #[test]
    fn nothing_gets_lost_of_what_makes_no_sense(
        text in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[{}\\[\\]\",:\\\\ \n\ra1]{0,80}".prop_map(String::into_bytes),
            "\\{\n[{}\\[\\]\",:\\\\ \n\ra1]{0,80}".prop_map(String::into_bytes),
        ],
        capacity in 1_usize..40,
    ) {
        let dense = |bytes: &[u8]| bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<_>>();
        let found = read(&text, capacity, NO_LIMIT);
        if text.trim_ascii_start().first() == Some(&b'[') {
            prop_assert!(found.map_or_else(|error| error.kind() == io::ErrorKind::UnexpectedEof, |_| true));
        } else {
            let found: Vec<u8> = found.unwrap().into_iter().flat_map(|item| item.bytes).collect();
            prop_assert_eq!(dense(&found), dense(&text));
        }
    }

    #[test]
    fn a_limit_bounds_what_is_kept_of_anything(
        text in "[{}\\[\\]\",:\\\\ \na1]{0,80}",
        capacity in 1_usize..40,
        limit in 1_usize..20,
    ) {
        for item in read(text.as_bytes(), capacity, limit).unwrap_or_default() {
            prop_assert!(item.bytes.len() <= limit);
        }
    }
}

/// Input that is not there yet.
struct Nothing;

impl Read for Nothing {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

#[test]
fn an_event_is_there_as_soon_as_its_line_is() {
    for text in ["{\"a\":1}\n", "{\n\"a\":1}\n", "[{\"a\":1},"] {
        let input = BufReader::new(text.as_bytes().chain(Nothing));
        let mut reader = Reader::new(Source::new(input, 0, NO_LIMIT));
        assert!(reader.next().unwrap().is_some(), "{text}");
        assert_eq!(reader.next().unwrap_err().kind(), io::ErrorKind::WouldBlock, "{text}");
    }
}

#[test]
fn damage_stays_where_it_is() {
    for (text, expected) in [
        ("{\"a\":1\n{\"a\":2}\n{\"a\":3}\n", vec!["{\"a\":1\n{\"a\":2}\n{\"a\":3}"]),
        ("{\"a\":\"1\n{\"a\":2}\n{\"a\":3}\n", vec!["{\"a\":\"1", "{\"a\":2}", "{\"a\":3}"]),
        ("{\"a\":1\n{\"job\":{}}\n{\"a\":3}\n", vec!["{\"a\":1", "{\"job\":{}}", "{\"a\":3}"]),
        ("{\"a\":1}\n{\"a\":\n{\"a\":3}\n", vec!["{\"a\":1}", "{\"a\":", "{\"a\":3}"]),
        ("x\n{\"a\":1}", vec!["x", "{\"a\":1}"]),
        ("[1,{\"a\":\"]\"},}]\n{}", vec!["1", "{\"a\":\"]\"}", "}", "{}"]),
        ("\u{feff}{\"a\":1}\n", vec!["{\"a\":1}"]),
        ("[]", vec![]),
        (" \n\n", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(items(text), expected, "{text}");
    }
}

#[test]
fn an_array_that_does_not_end_is_said_so() {
    for text in ["[", "[{}", "[{},", "[{},\n"] {
        let error = read(text.as_bytes(), 3, NO_LIMIT).unwrap_err();
        assert_eq!(error.to_string(), "the array does not end, there is no `]`", "{text}");
    }
}

#[test]
fn a_line_beyond_the_limit_is_too_large_among_objects_of_several_lines_too() {
    let text = "{\n}\n{\"a\":1}{\"b\":2}{\"c\":3}\n{\n}";
    let found = read(text.as_bytes(), 5, 14).unwrap();
    let found: Vec<_> = found.iter().map(|item| (item.bytes.as_slice(), item.too_large)).collect();
    let expected: [(&[u8], bool); 5] =
        [(b"{\n}", false), (b"{\"a\":1}", false), (b"{\"b\":2}", false), (b"", true), (b"{\n}", false)];
    assert_eq!(found, expected);
}
