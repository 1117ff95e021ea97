use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// The process whose id stands in this file, if it runs and has `mark` among its arguments: an id may be used again.
pub(super) fn find(file: &Path, mark: &Path) -> Option<Pid> {
    let pid: i32 = fs::read_to_string(file).ok()?.trim().parse().ok()?;
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let mark = mark.to_string_lossy();
    arguments.split(|byte| *byte == 0).any(|word| word == mark.as_bytes()).then(|| Pid::from_raw(pid))?
}

pub(super) fn signal(pid: Pid, signal: Signal) -> Result<()> {
    kill_process(pid, signal).with_context(|| format!("process {} takes no signal", pid.as_raw_nonzero()))
}

/// Waits for the end of a process, for so long at most. Says whether it has ended.
pub(super) fn ends_within(pid: Pid, limit: Duration) -> Result<bool> {
    let ended = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(ended) => ended,
        Err(Errno::SRCH) => return Ok(true),
        Err(error) => return Err(error).context("the process cannot be watched"),
    };
    let until = Instant::now() + limit;
    loop {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now()))?;
        match poll(&mut [PollFd::new(&ended, PollFlags::IN)], Some(&left)) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("the process cannot be watched"),
        }
    }
}

/// Waits until a broker that has just been started answers. A starting broker gives no sign but its port, so it is asked
/// again and again, between which the wait is for its end.
pub(super) fn answers_within(pid: Pid, port: u16, limit: Duration) -> Result<()> {
    let until = Instant::now() + limit;
    while !answers(port) {
        if ends_within(pid, Duration::from_millis(100))? {
            bail!("the broker has ended");
        }
        if Instant::now() >= until {
            bail!("the broker does not answer within {limit:?}");
        }
    }
    Ok(())
}

/// Asks for metadata, version 1, of no topic. Is there an answer that names a broker?
pub(super) fn answers(port: u16) -> bool {
    ask(port).unwrap_or(false)
}

fn ask(port: u16) -> std::io::Result<bool> {
    const LIMIT: Duration = Duration::from_secs(2);
    const REQUEST: [u8; 18] = [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 42, 0xff, 0xff, 0, 0, 0, 0];
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(&REQUEST)?;
    // Length, the number of the request, how many brokers.
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    Ok(head[4..8] == [0, 0, 0, 42] && head[8..12] != [0; 4])
}
