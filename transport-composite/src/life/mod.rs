//! How a composite ends and is waited for.

mod close;
mod count;
mod flush;
mod legs;

use close::GRACE;
pub(crate) use close::{close, close_together, end_at_once, past};
pub(crate) use count::{Count, Entered, Flag};
pub(crate) use flush::flush;
pub(crate) use legs::Closings;
