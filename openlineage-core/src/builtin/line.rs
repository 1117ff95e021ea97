use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{EmitErrorKind, Fault, Sent};
use crate::event::EncodedEvent;

/// Writes one event as one line, on the blocking pool: a pipe or a disk may take its time.
///
/// The line goes out in one write where the system takes it whole, so that several writers of one file in append mode
/// do not mix theirs.
pub(super) async fn write(file: &Arc<Mutex<File>>, event: &EncodedEvent) -> Result<(), Fault> {
    let mut line = event.to_ndjson().into_owned();
    line.push(b'\n');
    let file = Arc::clone(file);
    let written =
        tokio::task::spawn_blocking(move || file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line));
    match written.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(unavailable(error)),
        Err(error) => Err(Fault::new(EmitErrorKind::WorkerLost).because(error)),
    }
}

/// Opens on the blocking pool.
pub(super) async fn open(
    open: impl FnOnce() -> std::io::Result<File> + Send + 'static,
) -> Result<Arc<Mutex<File>>, Fault> {
    match tokio::task::spawn_blocking(open).await {
        Ok(Ok(file)) => Ok(Arc::new(Mutex::new(file))),
        Ok(Err(error)) => Err(unavailable(error).sent(Sent::No)),
        Err(error) => Err(Fault::new(EmitErrorKind::WorkerLost).because(error)),
    }
}

fn unavailable(error: std::io::Error) -> Fault {
    Fault::new(EmitErrorKind::Unavailable { code: error.raw_os_error().unwrap_or_default() }).because(error)
}
