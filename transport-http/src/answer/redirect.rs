use std::fmt;

use openlineage_core::error::{BoxError, EmitErrorKind, Fault};
use reqwest::header::LOCATION;
use url::Url;

use crate::wire::Reply;

/// Most redirects followed for one attempt.
const HOPS: u32 = 5;

/// Where a 3xx answer of `from` sends the event, if it may go there.
pub(crate) fn redirected(reply: &Reply, from: &Url, hops: u32) -> Result<Url, Fault> {
    let status = reply.status();
    let refused = |why: BoxError| Fault::new(EmitErrorKind::Rejected { code: status.as_u16().into() }).because(why);
    let location = reply.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let Some(location) = location else { return Err(refused("redirect without a location".into())) };
    let Ok(mut to) = from.join(location) else { return Err(refused("redirect to what is not an address".into())) };
    let keeps_body = matches!(status.as_u16(), 307 | 308);
    if !keeps_body {
        return Err(refused(format!("redirect to {} would turn the event into a GET", Shown(&to)).into()));
    }
    if to.origin() != from.origin() {
        return Err(refused(format!("redirect to {} leaves the server", Shown(&to)).into()));
    }
    if hops >= HOPS {
        return Err(refused(format!("more than {HOPS} redirects, the last to {}", Shown(&to)).into()));
    }
    // The origins are equal, so these cannot fail: both addresses have a host.
    let _can = (to.set_username(""), to.set_password(None));
    to.set_fragment(None);
    Ok(to)
}

/// An address without what may be secret in it: user, password, query and fragment.
pub(crate) struct Shown<'a>(pub(crate) &'a Url);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.0;
        let Some(host) = url.host_str() else { return write!(f, "{}:***", url.scheme()) };
        write!(f, "{}://{host}", url.scheme())?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(url.path())?;
        f.write_str(if url.query().is_some() { "?***" } else { "" })
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_not_shown() {
        for (url, shown) in [
            ("http://u:p@h:8080/a/b?key=canary#canary", "http://h:8080/a/b?***"),
            ("https://[::1]/", "https://[::1]/"),
            ("data:text/plain,canary", "data:***"),
        ] {
            assert_eq!(Shown(&Url::parse(url).unwrap()).to_string(), shown);
        }
    }
}
