use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What a transport is: its kind and, where it was given one, its name.
///
/// `Display` prints the name, or the kind where there is none.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct TransportInfo {
    /// The kind, as `type` in configuration spells it: `http`, `file`, `console`.
    pub kind: Cow<'static, str>,
    /// The name configuration gave it, to tell the legs of a composite apart.
    pub name: Option<Arc<str>>,
}

impl TransportInfo {
    /// A transport of this kind, without a name.
    #[must_use]
    pub fn new(kind: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: kind.into(), name: None }
    }

    /// The same with a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl fmt::Display for TransportInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or(&self.kind))
    }
}
