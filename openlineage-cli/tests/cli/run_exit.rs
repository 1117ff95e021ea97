use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::common::{Done, openlineage, run, run_with_input};

const NOOP: &str = r#"{"type":"noop"}"#;

fn run_command(transport: &str, args: &[&str], command: &[&str]) -> Done {
    let mut process = openlineage(&["run", "--namespace", "n", "--job", "j", "--transport", transport]);
    run(process.args(args).arg("--").args(command))
}

#[test]
fn the_exit_code_is_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    fs::write(&plain, "no program").unwrap();
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o644)).unwrap();
    for (command, code) in [
        (vec!["true"], 0),
        (vec!["sh", "-c", "exit 3"], 3),
        (vec!["sh", "-c", "exit 255"], 255),
        (vec![plain.to_str().unwrap()], 126),
        (vec!["/no/such/program"], 127),
        (vec!["no-such-program-anywhere"], 127),
        (vec!["sh", "-c", "kill -TERM $$"], 143),
        (vec!["sh", "-c", "kill -KILL $$"], 137),
    ] {
        let done = run_command(NOOP, &[], &command);
        assert_eq!(done.code, Some(code), "{command:?}: {}", done.stderr);
    }
}

#[test]
fn a_command_that_cannot_be_started_is_named() {
    let done = run_command(NOOP, &[], &["/no/such/program"]);
    assert_eq!(done.stderr, "openlineage: /no/such/program: No such file or directory (os error 2)\n");
}

#[test]
fn input_and_output_are_the_commands_to_the_byte() {
    let input: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let mut command = openlineage(&["run", "--namespace", "n", "--job", "j", "--transport", NOOP, "--"]);
    let done = run_with_input(command.args(["sh", "-c", "cat; printf 'to stderr' >&2"]), &input);
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), "to stderr"));
    assert!(done.stdout == input);
}

#[test]
fn without_a_transport_the_events_go_to_stderr_and_that_is_said_once() {
    let done = run(openlineage(&["run", "--namespace", "n", "--job", "j", "--", "echo", "hi"]).env("LC_ALL", "C"));
    assert_eq!((done.code, done.stdout.as_slice()), (Some(0), b"hi\n".as_slice()));
    let said = "no transport is configured, events go to the console (stderr)";
    assert_eq!(done.stderr.matches(said).count(), 1, "{}", done.stderr);
    let events = done.stderr.lines().filter(|line| line.starts_with("{\"eventType\":"));
    assert_eq!(events.count(), 2, "{}", done.stderr);
}

#[test]
fn a_wrong_transport_is_no_reason_not_to_run() {
    for transport in ["nonsense", r#"{"type":"htpp"}"#, r#"{"type":"http"}"#, "@/no/such/file", r#"{"type":"kafka"}"#] {
        let done = run_command(transport, &[], &["sh", "-c", "echo ran; exit 3"]);
        assert_eq!((done.code, done.stdout.as_slice()), (Some(3), b"ran\n".as_slice()), "{transport}");
        assert!(done.says("warning: --transport"), "{transport}: {}", done.stderr);
        assert!(done.says("; the command runs without lineage"), "{transport}: {}", done.stderr);

        let done = run_command(transport, &["--strict"], &["sh", "-c", "echo ran; exit 3"]);
        assert_eq!((done.code, done.stdout.as_slice()), (Some(2), b"".as_slice()), "{transport}");
        assert!(done.says("error: --transport"), "{transport}: {}", done.stderr);
    }
}

#[test]
fn a_wrong_flag_is_told_before_the_command_runs() {
    let done = run_command(NOOP, &["--inptu", "a:b"], &["echo", "ran"]);
    assert_eq!((done.code, done.stdout.as_slice()), (Some(2), b"".as_slice()));
    assert!(done.says("--input"), "{}", done.stderr);
}
