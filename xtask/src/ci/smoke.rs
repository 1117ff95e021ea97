//! The first command a reader of the README tries, run as it stands there.

use std::ffi::OsString;
use std::process::Command;

use crate::facts::Facts;
use crate::shell;

/// A first command that hangs is as bad as one that fails.
const SECONDS: &str = "60";

/// The first command of the README's shell blocks that calls `openlineage`, with the release build first in `PATH`.
pub(super) fn first_command(facts: &Facts) -> Option<Command> {
    let line = find(facts.tree.text("README.md")?)?;
    let mut command = shell::program(&facts.workspace.root, "timeout");
    command.args([SECONDS, "bash", "-euo", "pipefail", "-c", &line]);
    let mut path = OsString::from(facts.workspace.target.join("release"));
    if let Some(inherited) = std::env::var_os("PATH") {
        path.push(":");
        path.push(inherited);
    }
    command.env("PATH", path);
    Some(command)
}

fn find(readme: &str) -> Option<String> {
    let mut blocks = readme.split("```").skip(1).step_by(2);
    blocks.find_map(|block| {
        let (language, body) = block.split_once('\n')?;
        let shell = ["bash", "console", "sh", "shell"].contains(&language.trim());
        let joined = body.replace("\\\n", " ");
        let mut lines = joined.lines().map(|line| line.trim().trim_start_matches("$ "));
        lines.find(|line| shell && calls(line)).map(str::to_owned)
    })
}

/// `openlineage` is a word of the command, and not what cargo installs or builds.
fn calls(line: &str) -> bool {
    !line.starts_with('#') && !line.starts_with("cargo ") && line.split_whitespace().any(|word| word == "openlineage")
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# A\n```rust\nopenlineage run\n```\n```sh\ncargo install openlineage\n# then openlineage\n\
        $ echo '{}' | openlineage emit \\\n  --dry-run\nopenlineage check\n```\n";

    #[test]
    fn the_first_shell_command_that_calls_the_tool_is_found_whole() {
        assert_eq!(find(README).as_deref(), Some("echo '{}' | openlineage emit    --dry-run"));
    }

    #[test]
    fn no_shell_block_no_command() {
        assert_eq!(find("```toml\nopenlineage = '1'\n```\n"), None);
    }

    #[test]
    fn a_failing_first_command_fails() {
        let tree = crate::facts::Tree::of(&[("README.md", "```sh\nfalse openlineage openlineage | cat\n```\n")]);
        let mut command = first_command(&Facts { tree, ..Facts::default() }).unwrap();
        assert!(!shell::status(command.current_dir(".")).unwrap().success());
    }
}
