//! Words that no file of the repository may hold.

use super::Finding;
use crate::facts::Facts;

struct Ban {
    word: &'static str,
    /// What must not stand just before the word for it to count.
    not_after: fn(char) -> bool,
    only_rust: bool,
    cure: &'static str,
}

const PATH_CURE: &str = "use a path relative to the repository, `~` or a temporary folder";
const HOST_CURE: &str = "name the package, its registry is the reader's affair";
const SKIP_CURE: &str = "write it with `writeln!(std::io::stderr(), ..)`, the test runner hides what is printed";

const BANS: [Ban; 10] = [
    Ban { word: "/work/", not_after: inside_a_path, only_rust: false, cure: PATH_CURE },
    Ban { word: "/root/", not_after: inside_a_path, only_rust: false, cure: PATH_CURE },
    Ban { word: "/home/", not_after: inside_a_path, only_rust: false, cure: PATH_CURE },
    Ban { word: "crates.io", not_after: inside_a_word, only_rust: false, cure: HOST_CURE },
    Ban { word: "pypi.org", not_after: inside_a_word, only_rust: false, cure: HOST_CURE },
    Ban { word: "pythonhosted.org", not_after: inside_a_word, only_rust: false, cure: HOST_CURE },
    Ban { word: "thread::sleep", not_after: inside_a_word, only_rust: true, cure: "wait for an event or a deadline" },
    Ban { word: "todo!", not_after: inside_a_word, only_rust: true, cure: "write it, or leave it out" },
    Ban { word: "println!(\"skipped:", not_after: |_| false, only_rust: true, cure: SKIP_CURE },
    Ban { word: "print!(\"skipped:", not_after: |_| false, only_rust: true, cure: SKIP_CURE },
];

/// The lock file names registries by design, and this file the words themselves.
const EXEMPT: [&str; 2] = ["Cargo.lock", "xtask/src/tidy/banned.rs"];

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let texts = facts.tree.texts().filter(|(path, _)| !EXEMPT.contains(path));
    texts.flat_map(|(path, text)| file(path, text)).collect()
}

fn file(path: &str, text: &str) -> Vec<Finding> {
    let bans: Vec<&Ban> = BANS.iter().filter(|ban| !ban.only_rust || path.ends_with(".rs")).collect();
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(index, line)| bans.iter().filter(move |ban| holds(line, ban)).map(move |ban| (index + 1, ban)))
        .map(|(line, ban)| Finding::new(path, line, format!("holds `{}`", ban.word), ban.cure))
        .collect()
}

fn holds(line: &str, ban: &Ban) -> bool {
    line.match_indices(ban.word).any(|(at, _)| !line[..at].chars().next_back().is_some_and(ban.not_after))
}

fn inside_a_path(before: char) -> bool {
    before.is_alphanumeric() || "/~._-}$".contains(before)
}

fn inside_a_word(before: char) -> bool {
    before.is_alphanumeric() || "_-".contains(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(path: &str, text: &str) -> Vec<String> {
        file(path, text).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn every_ban_fires() {
        for ban in &BANS {
            assert!(!file("a.rs", &format!("x\nlet y = ({})", ban.word)).is_empty(), "{}", ban.word);
        }
    }

    #[test]
    fn paths_of_a_machine_are_refused_and_others_pass() {
        assert_eq!(words("a.md", "see `/work/main` or path=/root/.cargo"), ["holds `/work/`", "holds `/root/`"]);
        assert_eq!(words("a.md", "https://example.com/home/x ~/home/x ./work/x $X/root/y target/work/"), [""; 0]);
    }

    #[test]
    fn registry_hosts_are_refused_with_or_without_a_scheme() {
        assert_eq!(words("a.md", "https://crates.io/crates/x"), ["holds `crates.io`"]);
        assert_eq!(words("a.toml", "url = 'https://index.crates.io'"), ["holds `crates.io`"]);
    }

    #[test]
    fn rust_words_are_looked_for_in_rust_only() {
        assert_eq!(words("a.rs", "std::thread::sleep(d); todo!()"), ["holds `thread::sleep`", "holds `todo!`"]);
        assert_eq!(words("clippy.toml", "path = 'std::thread::sleep'"), [""; 0]);
        assert_eq!(words("a.rs", "my_todo!()"), [""; 0]);
    }

    #[test]
    fn a_skip_that_the_test_runner_would_hide_is_refused() {
        assert_eq!(words("a.rs", "eprintln!(\"skipped: no spec\")").len(), 1);
        assert_eq!(words("a.rs", "writeln!(stderr(), \"skipped: no spec\")").len(), 0);
    }

    #[test]
    fn the_lock_file_is_exempt() {
        let tree = crate::facts::Tree::of(&[("Cargo.lock", "crates.io"), ("a.md", "crates.io")]);
        let found = check(&Facts { tree, ..Facts::default() });
        assert_eq!(found.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(), ["a.md"]);
    }
}
