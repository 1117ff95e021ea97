use std::sync::Arc;

use async_trait::async_trait;

use super::{Ack, Transport, TransportInfo};
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};

macro_rules! forward {
    ($pointer:ident) => {
        #[deny(clippy::missing_trait_methods)]
        #[async_trait]
        impl<T: Transport + ?Sized> Transport for $pointer<T> {
            fn info(&self) -> &TransportInfo {
                (**self).info()
            }

            fn state(&self) -> State {
                (**self).state()
            }

            fn stats(&self) -> Stats {
                (**self).stats()
            }

            async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
                (**self).emit(event, until).await
            }

            async fn flush(&self, until: Deadline) -> FlushReport {
                (**self).flush(until).await
            }

            async fn close(&self, until: Deadline) -> CloseReport {
                (**self).close(until).await
            }
        }
    };
}

forward!(Arc);
forward!(Box);
