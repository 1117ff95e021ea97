use std::env;

use openlineage_core::config::ConfigError;
use reqwest::{NoProxy, Proxy};
use url::Url;

/// The proxy of the environment.
pub(super) struct EnvProxy {
    pub(super) proxy: Proxy,
    /// The proxy itself is spoken to over TLS.
    pub(super) tls: bool,
}

/// The proxy that the environment names for addresses of this scheme.
///
/// The variables and their precedence are curl's. `HTTP_PROXY` in capitals is left alone in a CGI program, where a
/// client's `Proxy` header sets it.
pub(super) fn from_env(scheme: &str) -> Result<Option<EnvProxy>, ConfigError> {
    let names: &[&str] = match (scheme, env::var_os("REQUEST_METHOD")) {
        ("https", _) => &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        (_, Some(_)) => &["http_proxy", "ALL_PROXY", "all_proxy"],
        (_, None) => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    };
    let Some((name, address)) = names.iter().find_map(|name| Some((name, text(name)?))) else { return Ok(None) };
    let wrong =
        || ConfigError::new(*name, "not the address of a proxy").cure("write it like http://proxy.example:3128");
    let address = if address.contains("://") { address } else { format!("http://{address}") };
    let url = Url::parse(&address).ok().filter(Url::has_host).ok_or_else(wrong)?;
    let proxy = Proxy::all(url.clone()).map_err(|_| wrong())?;
    let except = text("NO_PROXY").or_else(|| text("no_proxy"));
    let proxy = proxy.no_proxy(except.and_then(|list| NoProxy::from_string(&list)));
    Ok(Some(EnvProxy { proxy, tls: url.scheme() == "https" }))
}

fn text(name: &str) -> Option<String> {
    env::var(name).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
