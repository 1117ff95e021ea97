//! The program as it is called.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_openlineage-bench");
const REQUEST: &[u8] = b"POST /api/v1/lineage HTTP/1.1\r\nhost: sink\r\ncontent-length: 2\r\n\r\n{}";
const REPLY: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";

#[test]
fn a_smoke_run_writes_figures_and_judges_no_goal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("figures.json");
    let output = Command::new(PROGRAM).args(["http", "--smoke", "--json"]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("yardstick_reqwest_rate_vs_raw_c16 "), "{text}");
    assert!(!text.contains(">= ") && !text.contains("<= "), "{text}");

    let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let figures = written["figures"].as_object().unwrap();
    for suffix in ["", "_lo", "_hi", "_unpinned", "_unpinned_lo"] {
        let name = format!("yardstick_reqwest_cpu_vs_raw_c1{suffix}");
        assert!(figures[&name].as_f64().unwrap() > 0.0, "{name}");
    }
}

#[test]
fn an_interpreter_that_is_not_there_is_named() {
    let output = Command::new(PROGRAM).args(["http", "--smoke", "--python", "/no/such/python"]).output().unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("cannot start /no/such/python"), "{error}");
}

#[test]
fn the_sink_answers_requests_that_arrive_together_and_counts_them() {
    let mut sink = Command::new(PROGRAM).arg("sink").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(sink.stdout.take().unwrap()).lines();
    let address = told.next().unwrap().unwrap();

    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&REQUEST.repeat(3)).unwrap();
    let mut replies = vec![0; 3 * REPLY.len()];
    stream.read_exact(&mut replies).unwrap();
    assert_eq!(replies, REPLY.repeat(3));

    drop(sink.stdin.take());
    let tally: Value = serde_json::from_str(&told.next().unwrap().unwrap()).unwrap();
    assert_eq!(tally, json!({ "answered": 3, "connections": 1, "most_held": 1 }));
    assert!(sink.wait().unwrap().success());
}

#[test]
fn a_sink_that_never_answers_tells_what_it_holds() {
    let mut command = Command::new(PROGRAM);
    let mut sink =
        command.args(["sink", "--answer=never"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(sink.stdout.take().unwrap()).lines();
    let address: SocketAddr = told.next().unwrap().unwrap().parse().unwrap();

    let mut hold = Command::new(PROGRAM);
    hold.args(["hold", "--gzip", "--first=2", "--more=2", "--rest-ms=0"]).arg(format!("--address={address}"));
    let output = hold.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let grown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(grown["json"], 2_167 + 3_967);

    drop(sink.stdin.take());
    let tally: Value = serde_json::from_str(&told.next().unwrap().unwrap()).unwrap();
    assert_eq!(tally["answered"], 0);
    assert!(sink.wait().unwrap().success());
}

#[test]
fn a_part_of_a_bench_is_taken_alone() {
    let output = Command::new(PROGRAM).args(["all", "--smoke", "--only", "connections"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("connections_over_in_flight ") && !text.contains("wake_vs_raw"), "{text}");
}

#[test]
fn clients_are_counted_by_population() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("figures.json");
    let output = Command::new(PROGRAM).args(["clients", "--smoke", "--json"]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    for size in ["0", "50", "150", "400"] {
        let rows = text.lines().filter(|line| line.split_whitespace().take(2).eq(["ours", size]));
        assert_eq!(rows.count(), 2, "{text}");
    }
    let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written["figures"]["extra_threads_before_400"], 0.0);
    assert!(written["figures"]["rss_kib_per_client_after"].as_f64().unwrap() > 0.0);
}

#[test]
fn packing_is_compared_with_the_plain_libraries() {
    let output = Command::new(PROGRAM).args(["gzip", "--smoke"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("gzip_cpu_vs_plain "), "{text}");
}

#[test]
fn clients_of_one_configuration_have_one_transport_a_leg() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("figures.json");
    let output = Command::new(PROGRAM).args(["cache", "--smoke", "--json"]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let figures = &written["figures"];
    assert_eq!((&figures["inner_transports"], &figures["extra_threads"]), (&json!(3.0), &json!(1.0)));
    assert!(figures["connections_per_leg"].as_f64().unwrap() <= 20.0, "{figures}");
    for name in ["get_prepared_per_s", "build_client_per_s", "composite_cpu_vs_legs", "healthy_leg_p50_ratio"] {
        assert!(figures[name].as_f64().unwrap() > 0.0, "{name}");
    }
}
