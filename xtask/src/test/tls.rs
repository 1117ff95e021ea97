//! The tests of Kafka over TLS, which have a build of their own.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::facts::Workspace;
use crate::shell;

const KAFKA: &str = "openlineage-transport-kafka";

/// `None`, with a word of why, where the system has no OpenSSL to build against.
pub(super) fn command(workspace: &Workspace, extra: &[String]) -> Result<Option<Command>> {
    if workspace.member(KAFKA).is_none() {
        return Ok(None);
    }
    let mut found = shell::program(&workspace.root, "pkg-config");
    found.args(["--exists", "libssl"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !found.status().is_ok_and(|status| status.success()) {
        let mut seen = std::io::stderr();
        writeln!(seen, "skipped: Kafka over TLS, for want of OpenSSL's development files or pkg-config")?;
        return Ok(None);
    }
    let mut cargo = shell::cargo(&workspace.root);
    cargo.args(["test", "--package", KAFKA, "--features", "tls,msk-iam", "--test", "tls"]).args(extra);
    Ok(Some(cargo))
}
