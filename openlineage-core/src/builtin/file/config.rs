use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::Arc;

use super::{AppendFile, FilePerEvent, Fsync};
use crate::config::{BuildContext, ConfigError, Factory, Section};
use crate::engine::{Deliver, Direct};
use crate::retry::RetryPolicy;
use crate::transport::Transport;

const OPTIONS: [&str; 6] = ["log_file_path", "append", "debug_mode", "rotate_bytes", "max_files", "fsync"];

/// Options of upstream's file transport for storage that is not local.
const REMOTE: [&str; 3] = ["storage_options", "filesystem", "fs_kwargs"];

#[derive(Debug)]
pub(in crate::builtin) struct FileFactory;

impl Factory for FileFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let path = path(&mut options)?;
        let append = options.flag("append")?.unwrap_or(false);
        let debug_mode = options.flag("debug_mode")?.unwrap_or(false);
        let rotate_bytes = positive(&mut options, "rotate_bytes")?;
        let max_files = positive(&mut options, "max_files")?;
        let fsync = fsync(&mut options)?;
        if !append && let Some(name) = rotate_bytes.and(Some("rotate_bytes")).or(max_files.and(Some("max_files"))) {
            return Err(ConfigError::new(options.key(name), "of no use without append").cure("set append to true"));
        }
        if max_files.is_some() && rotate_bytes.is_none() {
            let error = ConfigError::new(options.key("max_files"), "of no use without rotate_bytes");
            return Err(error.cure("set rotate_bytes"));
        }
        let max_files = max_files.map(|files| NonZeroU32::try_from(files).unwrap_or(NonZeroU32::MAX));
        options.finish(&OPTIONS)?;
        Ok(if append {
            transport(AppendFile::new(path).rotate_bytes(rotate_bytes).max_files(max_files).fsync(fsync), context)
        } else {
            transport(FilePerEvent::new(path).debug_mode(debug_mode).fsync(fsync), context)
        })
    }
}

fn transport(deliver: impl Deliver, context: &BuildContext<'_>) -> Arc<dyn Transport> {
    let builder = Direct::builder(context.info().clone(), deliver).retry(RetryPolicy::never());
    Arc::new(builder.runtime(context.runtime().clone()).build())
}

fn path(options: &mut Section) -> Result<PathBuf, ConfigError> {
    let path = options.required("log_file_path")?;
    let remote = || "only local files are written".to_owned();
    if let Some(name) = REMOTE.into_iter().find(|name| options.take(name).is_some()) {
        return Err(ConfigError::new(options.key(name), remote()).cure(format!("remove {name}")));
    }
    local(&path).map(PathBuf::from).ok_or_else(|| {
        let error = ConfigError::new(options.key("log_file_path"), remote());
        error.cure("write a path such as /var/log/lineage or file:///var/log/lineage")
    })
}

/// The path in `text`, which may be a `file` URL; as in upstream nothing in it is decoded. `None` for another scheme.
fn local(text: &str) -> Option<&str> {
    match text.split_once("://") {
        Some((scheme, path)) if scheme.eq_ignore_ascii_case("file") => {
            let path = path.strip_prefix("localhost").filter(|path| path.starts_with('/')).unwrap_or(path);
            (!path.is_empty()).then_some(path)
        }
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) => None,
        _ => Some(text),
    }
}

fn positive(options: &mut Section, name: &str) -> Result<Option<NonZeroU64>, ConfigError> {
    let Some(number) = options.whole(name)? else { return Ok(None) };
    let number = u64::try_from(number).ok().and_then(NonZeroU64::new);
    number.map(Some).ok_or_else(|| {
        ConfigError::new(options.key(name), "not above zero").cure(format!("leave {name} out for no limit"))
    })
}

fn fsync(options: &mut Section) -> Result<Fsync, ConfigError> {
    match options.text("fsync")?.as_deref() {
        None | Some("never") => Ok(Fsync::Never),
        Some("event") => Ok(Fsync::Event),
        Some("close") => Ok(Fsync::Close),
        Some(_) => {
            let error = ConfigError::new(options.key("fsync"), "unknown moment");
            Err(error.cure("write never, event or close"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_url_is_a_path_and_another_scheme_is_none() {
        for (text, path) in [
            ("events.ndjson", Some("events.ndjson")),
            ("/var/log/a b", Some("/var/log/a b")),
            ("file:///var/log/a%20b", Some("/var/log/a%20b")),
            ("FILE://localhost/var", Some("/var")),
            ("file://localhostile/x", Some("localhostile/x")),
            ("file://logs/x", Some("logs/x")),
            ("file://", None),
            ("s3://bucket/x", None),
            ("abfs+x://c", None),
            ("a b://c", Some("a b://c")),
            ("C:\\logs", Some("C:\\logs")),
        ] {
            assert_eq!(local(text), path, "{text}");
        }
    }
}
