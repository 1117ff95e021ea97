//! The first command a reader of the README tries, run as it stands there.

use std::process::Command;

use crate::facts::Facts;
use crate::shell;

/// A first command that hangs is as bad as one that fails.
const SECONDS: &str = "60";

/// The first command of the README's first shell block.
pub(super) fn first_command(facts: &Facts) -> Option<Command> {
    let line = find(facts.tree.text("README.md")?)?;
    let mut command = shell::program(&facts.workspace.root, "timeout");
    command.args([SECONDS, "bash", "-euo", "pipefail", "-c", &line]);
    Some(command)
}

fn find(readme: &str) -> Option<String> {
    let mut blocks = readme.split("```").skip(1).step_by(2);
    blocks.find_map(|block| {
        let (language, body) = block.split_once('\n')?;
        let shell = ["bash", "console", "sh", "shell"].contains(&language.trim());
        let joined = body.replace("\\\n", " ");
        let mut lines = joined.lines().map(|line| line.trim().trim_start_matches("$ "));
        lines.find(|line| shell && !line.is_empty() && !line.starts_with('#')).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# A\n```rust\nopenlineage run\n```\n```sh\n\n# then\n\
        $ echo '{}' | openlineage emit \\\n  --dry-run\nopenlineage check\n```\n";

    #[test]
    fn the_first_shell_command_is_found_whole() {
        assert_eq!(find(README).as_deref(), Some("echo '{}' | openlineage emit    --dry-run"));
    }

    #[test]
    fn no_shell_block_no_command() {
        assert_eq!(find("```toml\nopenlineage = '1'\n```\n"), None);
    }

    #[test]
    fn a_failing_first_command_fails() {
        let tree = crate::facts::Tree::of(&[("README.md", "```sh\nfalse | cat\n```\n")]);
        let mut command = first_command(&Facts { tree, ..Facts::default() }).unwrap();
        assert!(!shell::status(command.current_dir(".")).unwrap().success());
    }
}
