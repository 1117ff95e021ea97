//! Signals as calls on a thread of their own.

#[cfg(unix)]
pub(crate) use signal_hook::consts::{
    SIGHUP as HUP, SIGINT as INT, SIGQUIT as QUIT, SIGTERM as TERM, SIGUSR1 as USR1, SIGUSR2 as USR2,
};

#[cfg(not(unix))]
mod numbers {
    pub(crate) const HUP: i32 = 1;
    pub(crate) const INT: i32 = 2;
    pub(crate) const QUIT: i32 = 3;
    pub(crate) const TERM: i32 = 15;
    pub(crate) const USR1: i32 = 10;
    pub(crate) const USR2: i32 = 12;
}
#[cfg(not(unix))]
pub(crate) use numbers::*;

/// Ends the watching when closed.
#[cfg(unix)]
pub(crate) struct Watch {
    handle: signal_hook::iterator::Handle,
    thread: std::thread::JoinHandle<()>,
}

#[cfg(unix)]
impl Watch {
    /// From now on these signals do not end this program but call `heard` with their number.
    ///
    /// One that is ignored stays so: whoever started this program wants that, as `nohup` does, for what it starts too.
    pub(crate) fn begin(signals: &[i32], mut heard: impl FnMut(i32) + Send + 'static) -> std::io::Result<Self> {
        let ignored = ignored();
        let watched = signals.iter().filter(|signal| ignored & (1 << (**signal - 1)) == 0);
        let mut signals = signal_hook::iterator::Signals::new(watched)?;
        let handle = signals.handle();
        let watch = move || signals.forever().for_each(&mut heard);
        let thread = std::thread::Builder::new().name("openlineage-sig".to_owned()).spawn(watch)?;
        Ok(Self { handle, thread })
    }

    /// When this returns, `heard` is not called any more.
    pub(crate) fn close(self) {
        self.handle.close();
        let _ended = self.thread.join();
    }
}

/// The ignored signals, bit 0 for signal 1; none where the system does not tell.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// Nothing to watch on this system.
#[cfg(not(unix))]
pub(crate) struct Watch;

#[cfg(not(unix))]
impl Watch {
    pub(crate) fn begin(_signals: &[i32], _heard: impl FnMut(i32) + Send + 'static) -> std::io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn close(self) {}
}
