use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Ack, Transport, TransportInfo};
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};

/// As `#[async_trait]` would write them, but for the box in which each future would be put once more.
macro_rules! forward {
    ($method:ident($($name:ident: $kind:ty),+) -> $result:ty) => {
        fn $method<'life, 'run>(&'life self, $($name: $kind),+) -> Pin<Box<dyn Future<Output = $result> + Send + 'run>>
        where
            'life: 'run,
            Self: 'run,
        {
            (**self).$method($($name),+)
        }
    };
    ($pointer:ident) => {
        #[deny(clippy::missing_trait_methods)]
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

            forward!(emit(event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError>);
            forward!(flush(until: Deadline) -> FlushReport);
            forward!(close(until: Deadline) -> CloseReport);
        }
    };
}

forward!(Arc);
forward!(Box);
