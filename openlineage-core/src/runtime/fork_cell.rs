use std::fmt;
use std::process;

use once_cell::race::OnceBox;

/// A lazily made value that each process makes for itself.
///
/// In a forked child the value of the parent is neither read nor dropped: a lock in it may be held by a thread that
/// does not exist here, and its sockets are registered in an epoll set that both processes share, so that closing one
/// here would deafen the parent. The child gets a fresh value instead. There is no lock in this cell either: values are
/// published through an atomic pointer. If two threads race to make the first value, one of the two is dropped unused.
///
/// Costs one `getpid` and a pointer chase for each generation of forks between the maker and the caller.
///
/// ```
/// use openlineage_core::runtime::ForkCell;
///
/// let cell = ForkCell::new();
/// assert!(cell.get().is_none());
/// assert_eq!(*cell.get_or_init(|| 7), 7);
/// assert_eq!(cell.get(), Some(&7));
/// ```
pub struct ForkCell<T> {
    first: OnceBox<Node<T>>,
}

struct Node<T> {
    pid: u32,
    value: Option<T>,
    next: OnceBox<Self>,
}

impl<T> ForkCell<T> {
    /// An empty cell.
    #[must_use]
    pub const fn new() -> Self {
        Self { first: OnceBox::new() }
    }

    /// This process's value, if it has made one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        let pid = process::id();
        let mut slot = &self.first;
        while let Some(node) = slot.get() {
            if node.pid == pid {
                return node.value.as_ref();
            }
            slot = &node.next;
        }
        None
    }

    /// This process's value, made now if there is none.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let pid = process::id();
        let mut make = Some(make);
        let mut slot = &self.first;
        loop {
            let node = slot.get_or_init(|| {
                let value = make.take().map(|make| make());
                Box::new(Node { pid, value, next: OnceBox::new() })
            });
            if let (true, Some(value)) = (node.pid == pid, &node.value) {
                return value;
            }
            slot = &node.next;
        }
    }
}

impl<T> Default for ForkCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for ForkCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForkCell").field("made", &self.get().is_some()).finish()
    }
}

impl<T> Drop for Node<T> {
    fn drop(&mut self) {
        if self.pid != process::id() {
            std::mem::forget(self.value.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn racing_threads_agree_on_one_value() {
        let cell = ForkCell::new();
        let barrier = Barrier::new(8);
        let seen: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let (cell, barrier) = (&cell, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        *cell.get_or_init(|| n)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(seen.iter().all(|value| Some(value) == cell.get()));
    }
}
