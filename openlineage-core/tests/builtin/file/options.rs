use crate::{build, refusal};

#[test]
fn what_is_wrong_is_named_with_its_cure() {
    for (options, expected) in [
        ("", "transport.log_file_path: missing"),
        (r#","log_file_path":" ""#, "transport.log_file_path: empty"),
        (
            r#","log_file_path":"s3://bucket/x""#,
            "transport.log_file_path: only local files are written; write a path such as /var/log/lineage or \
             file:///var/log/lineage",
        ),
        (
            r#","log_file_path":"x","storage_options":{"key":"canary"}"#,
            "transport.storage_options: only local files are written; remove storage_options",
        ),
        (
            r#","log_file_path":"x","rotate_bytes":5"#,
            "transport.rotate_bytes: of no use without append; set append to true",
        ),
        (
            r#","log_file_path":"x","append":true,"max_files":5"#,
            "transport.max_files: of no use without rotate_bytes; set rotate_bytes",
        ),
        (
            r#","log_file_path":"x","append":true,"rotate_bytes":0"#,
            "transport.rotate_bytes: not above zero; leave rotate_bytes out for no limit",
        ),
        (r#","log_file_path":"x","fsync":"always""#, "transport.fsync: unknown moment; write never, event or close"),
        (r#","log_file_path":"x","apend":true"#, "transport.apend: unknown option; did you mean append?"),
    ] {
        assert_eq!(refusal(&format!(r#"{{"type":"file"{options}}}"#)), expected);
    }
}

#[test]
fn building_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x").display().to_string();
    for more in ["", r#","append":true,"rotate_bytes":9,"max_files":2,"fsync":"event""#, r#","debug_mode":true"#] {
        build(&format!(r#"{{"type":"file","log_file_path":"file://{path}"{more}}}"#)).unwrap();
    }
    assert!(super::files(folder.path()).is_empty());
}
