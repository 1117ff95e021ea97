use openlineage_core::config::Secret;

const MASK: &str = "***";

/// Shorter words are not worth hiding, and hiding them would blot out ordinary text.
const SHORTEST: usize = 6;

/// Takes secrets out of a text that somebody else wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    /// Longest first, so that no word is cut out of the middle of a longer one.
    words: Vec<Secret>,
}

impl Mask {
    /// Hides these, each word of them, and the way JSON would write them.
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = &'a Secret>) -> Self {
        let mut words = Vec::new();
        for secret in secrets {
            for word in std::iter::once(secret.expose()).chain(secret.expose().split_whitespace()) {
                let escaped = serde_json::to_string(word).unwrap_or_default();
                words.extend([word.to_owned(), escaped.trim_matches('"').to_owned()]);
            }
        }
        words.retain(|word| word.len() >= SHORTEST);
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        Self { words: words.into_iter().map(Secret::new).collect() }
    }

    /// The text without secrets, as one line of at most `limit` bytes. `cut` says that it goes on elsewhere, so that
    /// its end may be the beginning of a secret.
    pub(crate) fn clean(&self, bytes: &[u8], cut: bool, limit: usize) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for word in &self.words {
            text = text.replace(word.expose(), MASK);
        }
        let longest = self.words.first().map_or(0, |word| word.expose().len());
        let unsure = if cut { longest.saturating_sub(1) } else { 0 };
        let mut end = text.len().saturating_sub(unsure).min(limit);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.replace(char::is_control, " ").trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(secrets: &[&str]) -> Mask {
        let secrets: Vec<_> = secrets.iter().copied().map(Secret::new).collect();
        Mask::new(secrets.iter())
    }

    #[test]
    fn whole_values_their_words_and_their_json_are_hidden() {
        let mask = mask(&["Bearer canary-1", "quo\"ted-canary"]);
        let text = br#"bad key canary-1 in "Bearer canary-1" and {"key":"quo\"ted-canary"}"#;
        let clean = mask.clean(text, false, 512);
        assert_eq!(clean, r#"bad key *** in "***" and {"key":"***"}"#);
    }

    #[test]
    fn a_secret_at_the_edge_of_what_was_read_is_not_half_shown() {
        let clean = mask(&["canary-canary"]).clean(b"no such key: canary-cana", true, 512);
        assert_eq!(clean, "no such key:");
    }

    #[test]
    fn the_limit_cuts_between_characters_and_lines_become_one() {
        assert_eq!(mask(&[]).clean("aé\nb".as_bytes(), false, 2), "a");
        assert_eq!(mask(&[]).clean(b"a\r\n\x1b[31mb", false, 99), "a   [31mb");
    }
}
