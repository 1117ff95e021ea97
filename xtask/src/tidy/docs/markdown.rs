//! As much of Markdown as the check needs: links, code spans, and the lines of fenced blocks.

/// Texts with the number of the line they begin on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) links: Vec<(usize, String)>,
    pub(super) spans: Vec<(usize, String)>,
    pub(super) fenced: Vec<(usize, String)>,
}

/// Fenced blocks are set aside first, then paragraphs are searched for spans, and what is left of them for links.
pub(super) fn read(text: &str) -> Document {
    let mut document = Document::default();
    let mut fence: Option<&str> = None;
    let mut paragraph = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => document.fenced.push((index + 1, line.to_owned())),
            (None, None) if line.trim().is_empty() => document.paragraph(&std::mem::take(&mut paragraph)),
            (None, None) => paragraph.push((index + 1, line)),
        }
        if fence.is_some() {
            document.paragraph(&std::mem::take(&mut paragraph));
        }
    }
    document.paragraph(&paragraph);
    document
}

/// The file that a link means, from the root; none if it leads out of the repository's files.
pub(super) fn beside(path: &str, target: &str) -> Option<String> {
    let file = target.split('#').next().unwrap_or_default();
    if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    if file.starts_with('/') {
        parts.clear();
    }
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

impl Document {
    fn paragraph(&mut self, lines: &[(usize, &str)]) {
        let Some((first, _)) = lines.first() else { return };
        let text = lines.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
        let (mut prose, mut rest, mut line) = (String::new(), text.as_str(), *first);
        while let Some(start) = rest.find('`') {
            let (before, ticked) = rest.split_at(start);
            let ticks = &ticked[..ticked.len() - ticked.trim_start_matches('`').len()];
            let body = &ticked[ticks.len()..];
            prose.push_str(before);
            line += before.matches('\n').count();
            let length = closing(body, ticks).unwrap_or(0);
            let span = &body[..length];
            if length > 0 {
                self.spans.push((line, span.split_whitespace().collect::<Vec<_>>().join(" ")));
                rest = &body[length + ticks.len()..];
            } else {
                rest = body;
            }
            let breaks = span.matches('\n').count();
            prose.push_str(&"\n".repeat(breaks));
            line += breaks;
        }
        prose.push_str(rest);
        for (offset, line) in prose.lines().enumerate() {
            self.links.extend(links(line).map(|link| (first + offset, link.to_owned())));
        }
    }
}

/// Where a run of exactly these ticks closes the span.
fn closing(body: &str, ticks: &str) -> Option<usize> {
    body.match_indices(ticks)
        .map(|(at, _)| at)
        .find(|&at| !body[..at].ends_with('`') && !body[at + ticks.len()..].starts_with('`'))
}

fn links(line: &str) -> impl Iterator<Item = &str> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let definition = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target.trim());
    inline.chain(definition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_keep_their_line_across_breaks_and_double_ticks() {
        let document = read("a `b\nc` ``d ` e``\n`f`\n\n`open\n");
        let spans = [(1, "b c"), (2, "d ` e"), (3, "f")].map(|(line, span)| (line, span.to_owned()));
        assert_eq!(document.spans, spans);
    }

    #[test]
    fn fenced_lines_are_neither_links_nor_spans() {
        let document = read("x\n```sh\n[a](b) `c`\n```\n[d](e \"title\")");
        assert_eq!(document.fenced, [(3, "[a](b) `c`".to_owned())]);
        assert_eq!((document.spans.len(), document.links), (0, vec![(5, "e".to_owned())]));
    }

    #[test]
    fn targets_are_resolved_from_the_documents_folder() {
        assert_eq!(beside("docs/adr/a.md", "../b.md#x").as_deref(), Some("docs/b.md"));
        assert_eq!(beside("README.md", "../outside").as_deref(), Some("../outside"));
        assert_eq!(beside("docs/a.md", "/LICENSE").as_deref(), Some("LICENSE"));
        assert_eq!(beside("docs/a.md", "https://example.com"), None);
    }
}
