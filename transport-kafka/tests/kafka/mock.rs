//! A cluster of librdkafka's own mock brokers, held by a thread because it may not move between threads.

use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use openlineage_transport_kafka::{KafkaBuilder, KafkaTransport};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

pub(crate) type Cluster = MockCluster<'static, DefaultProducerContext>;
type Work = Box<dyn FnOnce(&Cluster) + Send>;

/// One mock broker with one topic of one partition. Dropping it ends the cluster.
#[derive(Debug)]
pub(crate) struct Mock {
    bootstrap: String,
    work: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

pub(crate) const TOPIC: &str = "lineage";

impl Mock {
    pub(crate) fn start() -> Self {
        let (work, todo) = channel::<Work>();
        let (tell, told) = channel();
        let thread = thread::spawn(move || {
            let cluster = Cluster::new(1).unwrap();
            cluster.create_topic(TOPIC, 1, 1).unwrap();
            tell.send(cluster.bootstrap_servers()).unwrap();
            while let Ok(work) = todo.recv() {
                work(&cluster);
            }
        });
        Self { bootstrap: told.recv().unwrap(), work: Some(work), thread: Some(thread) }
    }

    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// A transport to its topic that does not wait long before it tries again.
    pub(crate) fn transport(&self) -> KafkaBuilder {
        KafkaTransport::builder(TOPIC).config("bootstrap.servers", self.bootstrap()).config("retry.backoff.ms", "10")
    }

    /// Does something to the cluster; returns when it is done.
    pub(crate) fn with<T: Send + 'static>(&self, work: impl FnOnce(&Cluster) -> T + Send + 'static) -> T {
        let (tell, done) = channel();
        let work: Work = Box::new(move |cluster| tell.send(work(cluster)).unwrap());
        self.work.as_ref().unwrap().send(work).unwrap();
        done.recv().unwrap()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.work.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}
