use std::future::Future;
use std::sync::mpsc;

use super::Lease;
use crate::lifecycle::Deadline;

impl Lease {
    /// Runs `work` on the worker and parks the calling thread for it until `until`. `None` if it took longer, if the worker
    /// is gone, or if the calling thread drives the worker.
    pub fn wait_for<T: Send + 'static>(
        self,
        until: Deadline,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        if self.is_driven_here() {
            return None;
        }
        let (tell, told) = mpsc::channel();
        // Keeps the worker until here.
        let held = self.clone();
        let waiting = self.attend(async move { drop(tell.send(work.await)) });
        let outcome = match until.remaining() {
            None => told.recv().ok(),
            Some(left) => told.recv_timeout(left).ok(),
        };
        // Ends the work if it is not over.
        drop((waiting, held));
        outcome
    }
}
