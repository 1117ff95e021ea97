use std::fs;
use std::num::{NonZeroU32, NonZeroU64};

use openlineage_core::builtin::{AppendFile, Fsync};

use super::{close, emit, files, name, numbers};
use crate::event;

/// Room for two lines and a half.
fn limit() -> Option<NonZeroU64> {
    NonZeroU64::new(event(0).len() as u64 * 5 / 2)
}

#[test]
fn a_full_file_is_renamed_by_the_time_and_the_order_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    for fsync in [Fsync::Never, Fsync::Event, Fsync::Close] {
        let transport = AppendFile::new(&path).rotate_bytes(limit()).fsync(fsync).transport();
        (0..7).for_each(|number| emit(&transport, event(number)).unwrap());
        close(&transport);
        let mut found = files(folder.path());
        found.rotate_left(1);
        assert_eq!(
            found.iter().map(|file| numbers(std::slice::from_ref(file)).len()).collect::<Vec<_>>(),
            [2, 2, 2, 1]
        );
        assert_eq!(numbers(&found), (0..7).collect::<Vec<_>>());
        for rotated in &found[..3] {
            let stamp = name(rotated).strip_prefix("events.ndjson.").unwrap();
            let shape = stamp.replace(|char: char| char.is_ascii_digit(), "0");
            assert!(shape.starts_with("00000000-000000.000000"), "{stamp}");
        }
        found.iter().for_each(|file| fs::remove_file(file).unwrap());
    }
}

#[test]
fn an_event_beyond_the_limit_gets_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let transport = AppendFile::new(&path).rotate_bytes(NonZeroU64::new(10)).transport();
    (0..3).for_each(|number| emit(&transport, event(number)).unwrap());
    close(&transport);
    let mut found = files(folder.path());
    found.rotate_left(1);
    assert_eq!(found.iter().map(|file| numbers(std::slice::from_ref(file))).collect::<Vec<_>>(), [[0], [1], [2]]);
}

#[test]
fn only_the_oldest_rotated_files_are_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let strangers = ["events.ndjson.gz", "events.ndjson.20240501", "events.ndjson.20200101-000000.000000.gz", "other"];
    strangers.iter().for_each(|name| fs::write(folder.path().join(name), "").unwrap());
    let old = folder.path().join("events.ndjson.20200101-000000.000000_1");
    fs::write(&old, "").unwrap();
    let transport = AppendFile::new(&path).rotate_bytes(limit()).max_files(NonZeroU32::new(2)).transport();
    (0..9).for_each(|number| emit(&transport, event(number)).unwrap());
    close(&transport);
    assert!(!old.exists());
    assert!(strangers.iter().all(|name| folder.path().join(name).exists()));
    let mut left = numbers(&files(folder.path()));
    left.sort_unstable();
    assert_eq!(left, [4, 5, 6, 7, 8]);
}

#[cfg(target_os = "linux")]
#[test]
fn an_event_fails_where_the_file_cannot_be_renamed() {
    use std::os::unix::fs::PermissionsExt;

    if rustix::process::geteuid().is_root() {
        println!("not applicable: root may rename anything");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let transport = AppendFile::new(&path).rotate_bytes(NonZeroU64::new(10)).transport();
    emit(&transport, event(1)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    assert!(emit(&transport, event(2)).is_err());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    emit(&transport, event(3)).unwrap();
}
