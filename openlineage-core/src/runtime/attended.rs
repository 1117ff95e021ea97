use std::future::Future;
use std::process;

use tokio::task::JoinHandle;

use super::Lease;

impl Lease {
    /// Runs `work` on the worker for as long as the caller waits for it: dropping the wait ends it there. `None` if the
    /// worker is gone. The lease is given back at once, so that a wait does not keep the worker.
    ///
    /// Needs no runtime to be polled. In a forked child the work is the parent's, and dropping the wait leaves it alone.
    pub fn attend<T: Send + 'static>(
        self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = Option<T>> + Send {
        let attended = Attended { work: self.spawn(work), pid: process::id() };
        drop(self);
        attended.over()
    }
}

struct Attended<T> {
    work: JoinHandle<T>,
    pid: u32,
}

impl<T> Attended<T> {
    async fn over(mut self) -> Option<T> {
        (&mut self.work).await.ok()
    }
}

impl<T> Drop for Attended<T> {
    fn drop(&mut self) {
        if self.pid == process::id() {
            self.work.abort();
        }
    }
}
