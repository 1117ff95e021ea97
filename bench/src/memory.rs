//! What a process has in memory.

use std::fs;

use anyhow::{Context as _, Result};

/// The resident memory of a process, in bytes.
pub(crate) fn resident(process: u32) -> Result<u64> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"));
    rss(&rollup.context("cannot read the memory of a process")?).context("the memory of a process is not told")
}

fn rss(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_in_bytes() {
        let rollup = "55ca70249000-7ffcd6e58000 ---p 00000000 00:00 0   [rollup]\nRss:      1768 kB\nPss:   192 kB\n";
        assert_eq!(rss(rollup), Some(1768 * 1024));
        assert_eq!(rss("Pss: 192 kB\n"), None);
        assert!(resident(std::process::id()).unwrap() > 0);
    }
}
