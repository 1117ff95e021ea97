/// `json` with a line for each member and two spaces for each level; strings and numbers stay as they are written.
///
/// Takes what is JSON; of anything else it makes something as senseless, without a panic.
pub(super) fn indented(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for &byte in json {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            out.push(byte);
            continue;
        }
        let opened = matches!(out.last(), Some(b'{' | b'['));
        match byte {
            _ if byte.is_ascii_whitespace() => {}
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if !opened {
                    new_line(&mut out, depth);
                }
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                new_line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            _ => {
                if opened {
                    new_line(&mut out, depth);
                }
                in_string = byte == b'"';
                depth += usize::from(matches!(byte, b'{' | b'['));
                out.push(byte);
            }
        }
    }
    out
}

fn new_line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.resize(out.len() + depth * 2, b' ');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_get_lines_and_nothing_else_changes() {
        let json = br#" {"a":{ },"b":[1.50,{"c":"x\"{,:[ \\"}, []],"d":1e400} "#;
        let lines = [
            r#"{"#,
            r#"  "a": {},"#,
            r#"  "b": ["#,
            r#"    1.50,"#,
            r#"    {"#,
            r#"      "c": "x\"{,:[ \\""#,
            r#"    },"#,
            r#"    []"#,
            r#"  ],"#,
            r#"  "d": 1e400"#,
            r#"}"#,
        ];
        assert_eq!(String::from_utf8(indented(json)).unwrap(), lines.join("\n"));
    }

    proptest! {
        #[test]
        fn it_is_what_serde_json_makes_of_the_same(texts in proptest::collection::vec(any::<String>(), 0..4), depth in 0..4) {
            let mut value = serde_json::json!(texts);
            for _ in 0..depth {
                value = serde_json::json!({ "k\"ey": value, "n": [null, {}, 1.5] });
            }
            let compact = serde_json::to_vec(&value).unwrap();
            prop_assert_eq!(indented(&compact), serde_json::to_vec_pretty(&value).unwrap());
        }

        #[test]
        fn any_bytes_end_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = indented(&bytes);
        }
    }
}
