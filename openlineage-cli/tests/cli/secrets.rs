use std::fs;

use openlineage_core::testkit::server::{Answer, Server};
use serde_json::json;

use crate::common::{events, openlineage, run, run_with_input};

const CANARY: &str = "canary-5f0c61d2";

#[test]
fn a_key_is_sent_and_never_shown() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().unwrap());
    server.script([Answer::status(201), Answer::status(401), Answer::status(503), Answer::redirect(301, "/x")]);
    let transport = |url: String| {
        let auth = json!({"type": "api_key", "apiKey": CANARY});
        json!({"type": "http", "url": url, "auth": auth, "custom_headers": {"X-Other": CANARY}, "retry": {"total": 0}})
    };
    let file = folder.path().join("backend.json");
    fs::write(&file, transport(server.url()).to_string()).unwrap();
    let (given, at_file) = (transport(server.url()).to_string(), format!("@{}", file.display()));
    let broken = transport(server.url()).to_string().replace("api_key", "api_kex");
    let nowhere = transport("http://127.0.0.1:1".to_owned()).to_string();
    let key = |transport: &str| transport.replace("\"url\"", "\"uril\"");
    for transport in [given.as_str(), &at_file, &broken, &nowhere, &key(&given), &given[..given.len() - 1]] {
        let input = events(2).join("\n");
        let done = run_with_input(&mut openlineage(&["emit", "-", "-vvv", "--transport", transport]), input.as_bytes());
        hides_the_key(&done.stdout, &done.stderr);
        let run_args = ["run", "--namespace", "n", "--job", "j", "-vvv", "--transport", transport, "--", "env"];
        let done = run(&mut openlineage(&run_args));
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert!(String::from_utf8_lossy(&done.stdout).contains("OPENLINEAGE_PARENT_ID=n/j/"));
        hides_the_key(&done.stdout, &done.stderr);
    }
    let sent = server.requests();
    assert!(sent.iter().all(|request| request.header("authorization") == Some(&format!("Bearer {CANARY}"))));
    assert!(sent.len() >= 8, "{}", sent.len());
}

fn hides_the_key(stdout: &[u8], stderr: &str) {
    let stdout = String::from_utf8_lossy(stdout);
    assert!(!stdout.contains(CANARY), "{stdout}");
    assert!(!stderr.contains(CANARY), "{stderr}");
    assert!(!stderr.is_empty());
}
