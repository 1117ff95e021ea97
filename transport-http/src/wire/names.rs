use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::dns;
use openlineage_core::error::BoxError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower_service::Service;

/// How long an answer is used before the name is looked up again.
const FRESH: Duration = Duration::from_secs(30);

/// Addresses that names had when they were last looked up.
///
/// Belongs to the configuration and so outlives a fork: a child first goes where its parent last went, because
/// another thread of the parent may have held the lock of the C library's resolver at the fork, for ever in the child.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<HashMap<String, Answer>>);

#[derive(Clone, Debug)]
struct Answer {
    addresses: Vec<SocketAddr>,
    at: Instant,
    pid: u32,
}

impl Known {
    /// Addresses to use without looking the name up.
    fn get(&self, name: &str) -> Option<Vec<SocketAddr>> {
        let mut answers = self.try_lock()?;
        let answer = answers.get_mut(name)?;
        let inherited = answer.pid != process::id();
        answer.pid = process::id();
        (inherited || answer.at.elapsed() < FRESH).then(|| answer.addresses.clone())
    }

    fn put(&self, name: &str, addresses: &[SocketAddr]) {
        if let Some(mut answers) = self.try_lock() {
            let answer = Answer { addresses: addresses.to_vec(), at: Instant::now(), pid: process::id() };
            answers.insert(name.to_owned(), answer);
        }
    }

    /// Never waits: in a forked child the holder may not exist. Who does not get it does without what is known.
    fn try_lock(&self) -> Option<MutexGuard<'_, HashMap<String, Answer>>> {
        match self.0.try_lock() {
            Ok(answers) => Some(answers),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// The system's resolver on the blocking pool, one look-up at a time. The client asks it for names only, not for
/// addresses.
#[derive(Clone)]
pub(super) struct Resolver {
    known: Arc<Known>,
    looking: Arc<tokio::sync::Mutex<()>>,
}

impl Resolver {
    pub(super) fn new(known: Arc<Known>) -> Self {
        Self { known, looking: Arc::default() }
    }
}

impl Resolver {
    async fn addresses(self, name: &str) -> Result<Addrs, BoxError> {
        if let Some(addresses) = self.known.get(name) {
            return Ok(all(addresses));
        }
        let _alone = self.looking.lock().await;
        // Whoever waited here finds the other's answer.
        if let Some(addresses) = self.known.get(name) {
            return Ok(all(addresses));
        }
        let host = name.to_owned();
        let addresses = tokio::task::spawn_blocking(move || look_up(&host)).await??;
        self.known.put(name, &addresses);
        Ok(all(addresses))
    }
}

/// For reqwest.
impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move { resolver.addresses(name.as_str()).await })
    }
}

/// For the layer below it.
impl Service<dns::Name> for Resolver {
    type Response = Addrs;
    type Error = BoxError;
    type Future = Resolving;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: dns::Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move { resolver.addresses(name.as_str()).await })
    }
}

fn look_up(host: &str) -> io::Result<Vec<SocketAddr>> {
    // The client puts in the port.
    Ok((host, 0).to_socket_addrs()?.collect())
}

fn all(addresses: Vec<SocketAddr>) -> Addrs {
    Box::new(addresses.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

    fn answer(age: Duration, pid: u32) -> Known {
        let at = Instant::now().checked_sub(age).unwrap();
        Known(Mutex::new(HashMap::from([("h".to_owned(), Answer { addresses: vec![ADDRESS], at, pid })])))
    }

    #[test]
    fn an_answer_is_used_while_it_is_fresh() {
        assert_eq!(answer(Duration::ZERO, process::id()).get("h"), Some(vec![ADDRESS]));
        assert_eq!(answer(FRESH, process::id()).get("h"), None);
        assert_eq!(answer(Duration::ZERO, process::id()).get("other"), None);
    }

    #[test]
    fn a_child_uses_its_parents_last_answer_once_however_old() {
        let known = answer(FRESH, process::id() + 1);
        assert_eq!(known.get("h"), Some(vec![ADDRESS]));
        assert_eq!(known.get("h"), None);
    }

    #[test]
    fn a_lock_that_is_never_given_back_is_not_waited_for() {
        let known = answer(Duration::ZERO, process::id());
        let _held = known.0.lock().unwrap();
        assert_eq!(known.get("h"), None);
        known.put("h", &[ADDRESS]);
    }
}
