use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use openlineage_core::error::BoxError;
use openlineage_core::runtime::ForkCell;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The system's certificates, read once per process. In a forked child again: the lock may have been held.
static SYSTEM: ForkCell<Mutex<Option<Arc<RootCertStore>>>> = ForkCell::new();

const CURE: &str =
    "point SSL_CERT_FILE at a PEM bundle, or set sslContext.caCertPath, or install the system's CA certificates";

/// The certificates to trust: those in `ca_file`, or else the system's. Reads files.
pub(super) fn load(ca_file: Option<&Path>) -> Result<Arc<RootCertStore>, BoxError> {
    match ca_file {
        Some(path) => from_file(path).map(Arc::new),
        None => system(),
    }
}

/// What is offered to a server over TLS.
pub(super) const VERSIONS: &[&[u8]] = &[b"h2", b"http/1.1"];

/// Speaks one of `versions`, the first that the server knows. The provider is chosen by value, so that what the host installed as the
/// process's default neither matters nor is replaced.
pub(super) fn client(roots: Arc<RootCertStore>, versions: &[&[u8]]) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = versions.iter().map(|version| version.to_vec()).collect();
    Ok(config)
}

fn system() -> Result<Arc<RootCertStore>, BoxError> {
    let mut known = SYSTEM.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(roots) = &*known {
        return Ok(Arc::clone(roots));
    }
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map_or_else(String::new, |error| format!(" ({error})"));
        return Err(format!("no CA certificates found{why}; {CURE}").into());
    }
    Ok(Arc::clone(known.insert(Arc::new(roots))))
}

fn from_file(path: &Path) -> Result<RootCertStore, BoxError> {
    let unreadable = |error: rustls::pki_types::pem::Error| {
        format!("CA certificates in {} cannot be read ({error}); {CURE}", path.display())
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        roots.add(certificate.map_err(unreadable)?)?;
    }
    if roots.is_empty() {
        return Err(format!("no CA certificates in {}; {CURE}", path.display()).into());
    }
    Ok(roots)
}
