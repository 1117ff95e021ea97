//! Renaming of a full file, and the end of the oldest ones. Called with the lock of the file held.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::append::AppendFile;
use super::trouble::fault;
use super::{Fsync, folder, name, sync_folder};
use crate::error::{Fault, Sent};

/// Renames the file at the path, which `file` is.
pub(super) fn rotate(shape: &AppendFile, file: &File) -> Result<(), Fault> {
    let fault = |doing, error| fault(doing, &shape.path, Sent::No, error);
    if shape.fsync != Fsync::Never {
        file.sync_all().map_err(|error| fault("force it to the disk", error))?;
    }
    let free = free_name(&shape.path).map_err(|error| fault("look into its folder", error))?;
    // Between the look and the renaming nobody takes the name: that needs the lock which is held.
    fs::rename(&shape.path, free).map_err(|error| fault("rename it", error))?;
    if shape.fsync != Fsync::Never {
        sync_folder(folder(&shape.path)).map_err(|error| fault("force its folder to the disk", error))?;
    }
    if let Err(error) = shape.max_files.map_or(Ok(()), |most| prune(&shape.path, most.get() as usize)) {
        tracing::warn!(path = %shape.path.display(), %error, "old rotated files could not be deleted");
    }
    Ok(())
}

fn free_name(path: &Path) -> io::Result<PathBuf> {
    let stamped = name::with_end(path, &format!(".{}", name::stamp(SystemTime::now())));
    let (mut free, mut number) = (stamped.clone(), 0_u32);
    while free.try_exists()? {
        number += 1;
        free = name::with_end(&stamped, &format!("_{number}"));
    }
    Ok(free)
}

/// Deletes the oldest rotated files until `most` are left. Another process may be at it, too.
fn prune(path: &Path, most: usize) -> io::Result<()> {
    let mut rotated = rotated(path)?;
    rotated.sort_unstable();
    let excess = rotated.len().saturating_sub(most);
    for old in &rotated[..excess] {
        match fs::remove_file(old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn rotated(path: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(own) = path.file_name().map(|name| name.as_encoded_bytes()) else { return Ok(Vec::new()) };
    let is_rotated = |name: &[u8]| {
        let end = name.strip_prefix(own).and_then(|end| end.strip_prefix(b"."));
        end.and_then(|end| str::from_utf8(end).ok()).is_some_and(name::is_stamp)
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder(path))? {
        let entry = entry?;
        if is_rotated(entry.file_name().as_encoded_bytes()) {
            found.push(entry.path());
        }
    }
    Ok(found)
}
