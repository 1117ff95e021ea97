//! Signals as calls on a thread of their own.

/// Ends the watching when closed.
#[cfg(unix)]
pub(crate) struct Watch {
    handle: signal_hook::iterator::Handle,
    thread: std::thread::JoinHandle<()>,
}

#[cfg(unix)]
impl Watch {
    /// From now on INT, TERM and HUP do not end this program but call `heard` with their number.
    pub(crate) fn begin(mut heard: impl FnMut(i32) + Send + 'static) -> std::io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

        let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
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

/// Nothing to watch on this system.
#[cfg(not(unix))]
pub(crate) struct Watch;

#[cfg(not(unix))]
impl Watch {
    pub(crate) fn begin(_heard: impl FnMut(i32) + Send + 'static) -> std::io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn close(self) {}
}
