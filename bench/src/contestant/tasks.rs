//! Contestants whose callers are tasks on a current-thread runtime of their own.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::runtime::{self, Runtime};

use super::{Contestant, Load, Sample};
use crate::cpu;

/// One caller: it has its own run, and one event in flight at a time.
pub(crate) trait Caller: Send + 'static {
    /// Serialises the START or COMPLETE of its run, delivers it, and returns when it is acknowledged.
    fn emit(&mut self, place: Place) -> impl Future<Output = Result<()>> + Send;
}

/// Which event of the pair is due; as an index, 0 is START and 1 is COMPLETE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Start = 0,
    Complete = 1,
}

impl Place {
    fn next(self) -> Self {
        match self {
            Self::Start => Self::Complete,
            Self::Complete => Self::Start,
        }
    }
}

/// A contestant made of callers, which are built when a load first asks for so many, and kept.
pub(crate) struct Tasks<C> {
    runtime: Runtime,
    callers: Vec<C>,
    build: Box<dyn Fn(usize) -> Result<C>>,
}

impl<C> fmt::Debug for Tasks<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("callers", &self.callers.len()).finish_non_exhaustive()
    }
}

impl<C: Caller> Tasks<C> {
    /// `build` makes caller number 0, 1, ..; it runs outside the clock.
    pub(crate) fn new(build: impl Fn(usize) -> Result<C> + 'static) -> Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot build a runtime")?;
        Ok(Self { runtime, callers: Vec::new(), build: Box::new(build) })
    }
}

impl<C: Caller> Contestant for Tasks<C> {
    fn run(&mut self, load: Load) -> Result<Sample> {
        for number in self.callers.len()..load.in_flight {
            self.callers.push((self.build)(number)?);
        }
        let callers: Vec<C> = self.callers.drain(..load.in_flight).collect();
        let (cpu, wall) = (cpu::spent(), Instant::now());
        let worked = self.runtime.block_on(work_all(callers, load.events));
        let (wall, cpu) = (wall.elapsed(), cpu::spent() - cpu);

        let (callers, times): (Vec<C>, Vec<Vec<Duration>>) = worked?.into_iter().unzip();
        self.callers.splice(..0, callers);
        Ok(Sample::of(wall, cpu, &times.concat()))
    }
}

async fn work_all<C: Caller>(callers: Vec<C>, events: usize) -> Result<Vec<(C, Vec<Duration>)>> {
    let left = Arc::new(AtomicUsize::new(events));
    let room = 2 * events / callers.len();
    let spawn = |caller| tokio::spawn(work(caller, Arc::clone(&left), Vec::with_capacity(room)));
    let tasks: Vec<_> = callers.into_iter().map(spawn).collect();
    let mut worked = Vec::with_capacity(tasks.len());
    for task in tasks {
        worked.push(task.await??);
    }
    Ok(worked)
}

/// Emits until no event is left for anyone.
async fn work<C: Caller>(
    mut caller: C,
    left: Arc<AtomicUsize>,
    mut times: Vec<Duration>,
) -> Result<(C, Vec<Duration>)> {
    let mut place = Place::Start;
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
        let began = Instant::now();
        caller.emit(place).await?;
        times.push(began.elapsed());
        place = place.next();
    }
    Ok((caller, times))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use anyhow::bail;

    use super::*;

    type Log = Arc<Mutex<Vec<(usize, Place)>>>;

    struct Recorder(usize, Log);

    impl Caller for Recorder {
        async fn emit(&mut self, place: Place) -> Result<()> {
            self.1.lock().unwrap().push((self.0, place));
            tokio::task::yield_now().await;
            Ok(())
        }
    }

    #[test]
    fn each_caller_alternates_and_all_events_are_emitted_once() {
        let log = Log::default();
        let recorded = Arc::clone(&log);
        let mut tasks = Tasks::new(move |number| Ok(Recorder(number, Arc::clone(&recorded)))).unwrap();
        tasks.run(Load { in_flight: 1, events: 3 }).unwrap();
        assert_eq!(*log.lock().unwrap(), [(0, Place::Start), (0, Place::Complete), (0, Place::Start)]);

        log.lock().unwrap().clear();
        tasks.run(Load { in_flight: 3, events: 12 }).unwrap();
        for number in 0..3 {
            let places: Vec<Place> = log.lock().unwrap().iter().filter(|e| e.0 == number).map(|e| e.1).collect();
            assert_eq!(places, [Place::Start, Place::Complete].repeat(2), "caller {number}");
        }
        assert_eq!(tasks.callers.iter().map(|caller| caller.0).collect::<Vec<_>>(), [0, 1, 2]);
    }

    struct Failing;

    impl Caller for Failing {
        async fn emit(&mut self, _: Place) -> Result<()> {
            bail!("refused")
        }
    }

    #[test]
    fn one_refused_event_fails_the_run() {
        let mut tasks = Tasks::new(|_| Ok(Failing)).unwrap();
        assert!(tasks.run(Load { in_flight: 2, events: 4 }).is_err());
    }
}
