use std::collections::{HashMap, VecDeque};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::answer::{Answer, Hold};
use super::request::Request;

#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

pub(super) struct State {
    pub(super) script: VecDeque<Answer>,
    pub(super) always: Answer,
    pub(super) requests: Vec<Request>,
    pub(super) accepted: u64,
    pub(super) open: HashMap<u64, Weak<TcpStream>>,
    pub(super) releases: u64,
    pub(super) stopped: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            script: VecDeque::new(),
            always: Answer::status(201),
            requests: Vec::new(),
            accepted: 0,
            open: HashMap::new(),
            releases: 0,
            stopped: false,
        }
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// The state once `is_so`, or when `limit` has passed.
    pub(super) fn wait(&self, limit: Duration, is_so: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let until = Instant::now() + limit;
        let mut state = self.lock();
        while !is_so(&state) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state
    }

    /// The answer to a request that begins to arrive, and the number of releases so far: only later ones concern it.
    pub(super) fn next_answer(&self) -> (Answer, u64) {
        let mut state = self.lock();
        self.changed.notify_all();
        (state.script.pop_front().unwrap_or_else(|| state.always.clone()), state.releases)
    }

    /// Waits as the answer says, or for the next of `releases`. `false` if the server stopped meanwhile.
    pub(super) fn hold(&self, hold: Hold, releases: u64) -> bool {
        let limit = match hold {
            Hold::No => Duration::ZERO,
            Hold::For(pause) => pause,
            // A test's server does not live that long.
            Hold::UntilReleased => Duration::from_secs(24 * 60 * 60),
        };
        !self.wait(limit, |state| state.stopped || state.releases > releases).stopped
    }

    /// Takes on a connection, unless the server has stopped.
    pub(super) fn enter(&self, stream: TcpStream) -> Option<(u64, Arc<TcpStream>)> {
        let stream = Arc::new(stream);
        let mut state = self.lock();
        if state.stopped {
            return None;
        }
        state.accepted += 1;
        let number = state.accepted;
        state.open.insert(number, Arc::downgrade(&stream));
        drop(state);
        self.changed.notify_all();
        Some((number, stream))
    }

    pub(super) fn leave(&self, number: u64) {
        self.change(|state| drop(state.open.remove(&number)));
    }

    pub(super) fn stop(&self) {
        self.change(|state| {
            state.stopped = true;
            for stream in state.open.values().filter_map(Weak::upgrade) {
                // It may be closed already.
                drop(stream.shutdown(Shutdown::Both));
            }
        });
    }
}
