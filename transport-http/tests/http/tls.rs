//! TLS: which certificates are trusted, and what is said where there are none.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;

use openlineage_core::error::EmitErrorKind;
use openlineage_transport_http::HttpTransport;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{alone, chain, close, emit, event, quick};

const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ca.pem");
const EMPTY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/empty.pem");

/// A TLS server that answers 201 to each request on one connection, and tells the bodies.
fn server() -> (String, mpsc::Receiver<Vec<u8>>) {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../data/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../data/server-key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let (tell, bodies) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        // A client that does not trust the certificate ends the conversation here.
        let _end = serve(BufReader::new(StreamOwned::new(connection, stream)), &tell);
    });
    (url, bodies)
}

fn serve(
    mut stream: BufReader<StreamOwned<ServerConnection, TcpStream>>,
    tell: &mpsc::Sender<Vec<u8>>,
) -> std::io::Result<()> {
    loop {
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            if stream.read_line(&mut head)? == 0 {
                return Ok(());
            }
            if let Some(value) = head[start..].to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        tell.send(body).unwrap();
        stream.get_mut().write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")?;
    }
}

fn delivers(url: &str, ca_file: Option<&str>, bodies: &mpsc::Receiver<Vec<u8>>) {
    let mut builder = HttpTransport::builder(url);
    if let Some(path) = ca_file {
        builder = builder.ca_file(path);
    }
    let transport = builder.build().unwrap();
    for n in 0..3 {
        emit(&transport, &event(n)).unwrap();
        assert_eq!(bodies.recv().unwrap(), *event(n).bytes());
    }
    close(&transport);
}

#[test]
fn a_given_file_is_trusted() {
    let (url, bodies) = server();
    delivers(&url, Some(CA), &bodies);
}

#[test]
fn the_environment_names_what_the_system_trusts() {
    alone("tls::the_environment_names_what_the_system_trusts", &[("SSL_CERT_FILE", CA), ("SSL_CERT_DIR", "")], || {
        for _ in 0..2 {
            let (url, bodies) = server();
            delivers(&url, None, &bodies);
        }
    });
}

#[test]
fn a_server_nobody_vouches_for_is_unreachable() {
    let (url, _bodies) = server();
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/server.pem");
    let mut policy = quick();
    policy.total = Some(0);
    let transport = HttpTransport::builder(url).ca_file(other).retry(policy).build().unwrap();
    let error = emit(&transport, &event(0)).unwrap_err();
    assert_eq!(error.kind(), &EmitErrorKind::Unreachable);
    assert!(chain(&error).contains("certificate"), "{}", chain(&error));
    close(&transport);
}

#[test]
fn where_there_are_no_certificates_the_event_is_refused_with_the_cure() {
    let missing = "/no/such/file.pem";
    for path in [EMPTY, missing] {
        let transport = HttpTransport::builder("https://localhost:1").ca_file(path).build().unwrap();
        refused(&transport, path);
    }
    let test = "tls::where_there_are_no_certificates_the_event_is_refused_with_the_cure";
    alone(test, &[("SSL_CERT_FILE", EMPTY), ("SSL_CERT_DIR", "")], || {
        refused(&HttpTransport::builder("https://localhost:1").build().unwrap(), "no CA certificates found");
    });
}

fn refused(transport: &HttpTransport, hint: &str) {
    let error = emit(transport, &event(0)).unwrap_err();
    assert_eq!((error.kind(), error.accepted()), (&EmitErrorKind::Start, false));
    let text = chain(&error);
    for word in ["SSL_CERT_FILE", "sslContext.caCertPath", hint] {
        assert!(text.contains(word), "{word}: {text}");
    }
    close(transport);
}
