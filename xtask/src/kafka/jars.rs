use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::shell;

/// Names the jars.
const POM: &str = include_str!("pom.xml");

pub(super) fn is_there(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// The folder with the broker's jars, filled once. It gets its name at last, so that a broken download is never used.
pub(super) fn folder(kafka: &Path) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    POM.hash(&mut hasher);
    let folder = kafka.join(format!("jars-{:016x}", hasher.finish()));
    if folder.is_dir() {
        return Ok(folder);
    }
    if !is_there("mvn") {
        bail!("mvn is not installed, and {} is not there", folder.display());
    }
    println!("getting the jars of Apache Kafka through Maven (once)");
    let part = kafka.join("jars-part");
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    fs::create_dir_all(&part)?;
    let pom = kafka.join("pom.xml");
    fs::write(&pom, POM)?;
    let mut maven = shell::program(kafka, "mvn");
    maven.args(["-q", "-B", "-f"]).arg(&pom).args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
    maven.arg(format!("-DoutputDirectory={}", part.display()));
    shell::must(&mut maven).context("Maven does not bring Kafka's jars")?;
    fs::rename(&part, &folder)?;
    Ok(folder)
}

/// Java with the broker's class path and settings.
pub(super) fn java(jars: &Path, folder: &Path) -> Command {
    let mut java = shell::program(folder, "java");
    java.arg("-cp").arg(jars.join("*"));
    java.arg(format!("-Dkafka.logs.dir={}", folder.display()));
    java.arg(format!("-Dlog4j2.configurationFile=file:{}", folder.join("log4j2.properties").display()));
    java.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    java
}
