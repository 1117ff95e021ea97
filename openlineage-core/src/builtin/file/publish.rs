//! A whole file under its name, or none. Everything here blocks.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use super::trouble::fault;
use super::{folder, name, sync_folder};
use crate::error::{Fault, Sent};

/// Names of this process that are being written to; a forked child has another process id in them.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Makes the file `{stem}.json` hold `content`, or `{stem}_1.json` if there is one, and so on.
pub(super) fn publish(stem: &Path, content: &[u8], sync: bool) -> Result<(), Fault> {
    let trouble = |doing| move |error| fault(doing, stem, Sent::No, error);
    let (draft, mut file) = Draft::beside(stem).map_err(trouble("make a file beside it"))?;
    file.write_all(content).map_err(trouble("write it"))?;
    if sync {
        file.sync_all().map_err(trouble("force it to the disk"))?;
    }
    drop(file);
    draft.place(stem).map_err(trouble("give it its name"))?;
    if sync {
        let synced = sync_folder(folder(stem));
        synced.map_err(|error| fault("force its folder to the disk", stem, Sent::Maybe, error))?;
    }
    Ok(())
}

/// A file that is being written, under a name nobody looks for. Dropping it takes that name away.
struct Draft(PathBuf);

impl Draft {
    fn beside(stem: &Path) -> io::Result<(Self, File)> {
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = folder(stem).join(format!(".openlineage-{}-{number}.tmp", process::id()));
            match File::create_new(&path) {
                Ok(file) => return Ok((Self(path), file)),
                // Left behind by a process of this id that was killed.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn place(&self, stem: &Path) -> io::Result<()> {
        let (mut path, mut number) = (name::with_end(stem, ".json"), 0_u32);
        loop {
            match self.link(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    number += 1;
                    path = name::with_end(stem, &format!("_{number}.json"));
                }
                placed => return placed,
            }
        }
    }

    /// Gives the file the name `path` too, unless another has it.
    fn link(&self, path: &Path) -> io::Result<()> {
        match fs::hard_link(&self.0, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                // A file system without links. Another process can take the name between the look and the renaming.
                if path.try_exists()? { Err(ErrorKind::AlreadyExists.into()) } else { fs::rename(&self.0, path) }
            }
            linked => linked,
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a renaming it is gone already.
        drop(fs::remove_file(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_is_not_written_over_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("event-1");
        for content in ["first", "second", "third"] {
            publish(&stem, content.as_bytes(), content == "third").unwrap();
        }
        let mut found: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
            .collect();
        found.sort();
        let expected = [("event-1.json", "first"), ("event-1_1.json", "second"), ("event-1_2.json", "third")];
        assert_eq!(found, expected.map(|(name, content)| (name.into(), content.to_owned())));
    }

    #[test]
    fn a_draft_of_a_killed_process_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("event-1");
        let next = NUMBER.load(Ordering::Relaxed);
        let old: Vec<_> = (next..next + 50).map(|n| format!(".openlineage-{}-{n}.tmp", process::id())).collect();
        for name in &old {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        publish(&stem, b"whole", false).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("event-1.json")).unwrap(), "whole");
        assert!(old.iter().all(|name| fs::read_to_string(folder.path().join(name)).unwrap() == "half"));
    }
}
