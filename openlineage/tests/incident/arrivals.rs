use std::collections::HashMap;
use std::io::Read;

use openlineage_core::testkit::server::Request;
use serde_json::Value;

/// Demands that a server has got START and COMPLETE of so many runs, each once and in this order.
pub(crate) fn all_in_order(requests: &[Request], runs: usize) {
    let mut seen: HashMap<String, Vec<String>> = HashMap::new();
    for request in requests {
        let event: Value = serde_json::from_slice(&body(request)).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        seen.entry(text(&event["run"]["runId"])).or_default().push(text(&event["eventType"]));
    }
    let wrong: Vec<_> = seen.iter().filter(|(_, events)| **events != ["START", "COMPLETE"]).take(5).collect();
    assert!(wrong.is_empty(), "such as {wrong:?}");
    assert_eq!((seen.len(), requests.len()), (runs, 2 * runs));
}

fn body(request: &Request) -> Vec<u8> {
    if request.header("content-encoding") != Some("gzip") {
        return request.body.clone();
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(request.body.as_slice()).read_to_end(&mut plain).unwrap();
    plain
}
