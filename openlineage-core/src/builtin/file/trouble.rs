use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::folder;
use crate::error::{EmitErrorKind, Fault, Sent};

/// What could not be done, with which file, and what helps.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot {doing}{}", .path.display(), Cure(.path, .source.kind()))]
pub(super) struct Trouble {
    path: PathBuf,
    doing: &'static str,
    source: io::Error,
}

/// The fault of an attempt that could not do something with the file at `path`.
pub(super) fn fault(doing: &'static str, path: &Path, sent: Sent, source: io::Error) -> Fault {
    let code = source.raw_os_error().unwrap_or_default();
    Fault::new(EmitErrorKind::Unavailable { code }).sent(sent).because(Trouble { path: path.into(), doing, source })
}

struct Cure<'a>(&'a Path, ErrorKind);

impl fmt::Display for Cure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cure = match self.1 {
            ErrorKind::NotFound => return write!(f, "; make the folder {} first", folder(self.0).display()),
            ErrorKind::PermissionDenied => "let this user write there",
            ErrorKind::ReadOnlyFilesystem => "name a place that can be written to",
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on that disk",
            ErrorKind::FileTooLarge => "set rotate_bytes, or allow larger files",
            ErrorKind::IsADirectory => "name a file instead of a folder",
            ErrorKind::NotADirectory => "name a folder before the last slash, not a file",
            ErrorKind::InvalidFilename => "name a shorter path",
            _ => return Ok(()),
        };
        write!(f, "; {cure}")
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn the_path_and_the_cure_are_named_and_the_cause_is_kept() {
        let told = |path: &str, kind: ErrorKind| {
            let fault = fault("open it", Path::new(path), Sent::No, kind.into());
            let trouble = fault.source().unwrap();
            assert_eq!(trouble.source().unwrap().to_string(), kind.to_string());
            trouble.to_string()
        };
        assert_eq!(told("logs/a", ErrorKind::NotFound), "logs/a: cannot open it; make the folder logs first");
        assert_eq!(told("a", ErrorKind::NotFound), "a: cannot open it; make the folder . first");
        assert_eq!(told("a", ErrorKind::StorageFull), "a: cannot open it; make room on that disk");
        assert_eq!(told("a", ErrorKind::Other), "a: cannot open it");
    }
}
