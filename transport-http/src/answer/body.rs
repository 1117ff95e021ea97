use std::time::Duration;

use openlineage_core::lifecycle::Deadline;
use reqwest::Response;
use tokio::time::timeout;

/// Bytes of a body read so that its connection can be used again; beyond that a new connection is cheaper.
const MOST: usize = 64 * 1024;

/// The same for time. The status has come, so the event's fate is known and must not wait for a slow body.
const LONGEST: Duration = Duration::from_millis(100);

/// The beginning of a body.
pub(crate) struct Beginning {
    pub(crate) bytes: Vec<u8>,
    /// It goes on.
    pub(crate) cut: bool,
}

/// Reads the body to its end, within bounds, and returns up to `keep` bytes of it.
pub(crate) async fn drain(mut response: Response, until: Deadline, keep: usize) -> Beginning {
    let mut beginning = Beginning { bytes: Vec::new(), cut: false };
    if response.content_length() == Some(0) {
        return beginning;
    }
    let limit = until.remaining().map_or(LONGEST, |left| LONGEST.min(left / 2));
    let ended = timeout(limit, read(&mut response, &mut beginning, keep)).await.unwrap_or(false);
    beginning.cut |= !ended;
    if ended {
        // The client puts the connection back in a task of its own, which has been woken and gets its turn here. If the
        // caller heard first, its next event could find the pool empty.
        tokio::task::yield_now().await;
    }
    beginning
}

/// `true` if the end was reached.
async fn read(response: &mut Response, beginning: &mut Beginning, keep: usize) -> bool {
    let mut read = 0;
    while read <= MOST {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                read += chunk.len();
                let room = keep - beginning.bytes.len();
                beginning.cut |= chunk.len() > room;
                beginning.bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
    false
}
