use std::time::{Duration, SystemTime};

use openlineage_core::error::{Disposition, EmitErrorKind, Fault};
use openlineage_core::lifecycle::Deadline;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::drain;
use crate::secret::Mask;
use crate::wire::Reply;

/// Bytes of an answer's body that an error shows.
const SHOWN: usize = 512;

/// Bytes of it that are looked through for secrets.
const LOOKED_AT: usize = 4096;

/// How to read answers other than success.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    /// Statuses that are worth another attempt.
    pub(crate) forcelist: Vec<u16>,
    pub(crate) mask: Mask,
}

impl Answers {
    pub(crate) async fn fault(&self, reply: Reply, until: Deadline) -> Fault {
        let (code, after) = (reply.status().as_u16(), retry_after(reply.headers(), SystemTime::now()));
        let beginning = drain(reply, until, LOOKED_AT).await;
        let text = self.mask.clean(&beginning.bytes, beginning.cut, SHOWN);
        let fault = self.judge(code, after);
        let said = match (fault.kind(), text.is_empty()) {
            (EmitErrorKind::Throttled { .. }, true) => format!("status {code}"),
            (EmitErrorKind::Throttled { .. }, false) => format!("status {code}: {text}"),
            (_, true) => return fault,
            (_, false) => text,
        };
        fault.because(said)
    }

    fn judge(&self, code: u16, after: Option<Duration>) -> Fault {
        let listed = self.forcelist.contains(&code);
        let number = i32::from(code);
        let kind = match code {
            401 | 403 => EmitErrorKind::Unauthorized { code: number },
            429 => EmitErrorKind::Throttled { retry_after: after },
            413 | 503 if after.is_some() => EmitErrorKind::Throttled { retry_after: after },
            408 | 425 | 500..=599 => EmitErrorKind::Unavailable { code: number },
            _ if listed => EmitErrorKind::Unavailable { code: number },
            _ => EmitErrorKind::Rejected { code: number },
        };
        let again = listed || matches!(code, 408 | 425) || matches!(kind, EmitErrorKind::Throttled { .. });
        let disposition = if again { Disposition::Transient { after } } else { Disposition::Permanent };
        Fault::new(kind).with_disposition(disposition)
    }
}

/// The pause a server asks for, from seconds or a date. None of no length: then the policy's own pauses apply.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).ok()?,
    };
    Some(pause).filter(|pause| !pause.is_zero())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn asked(text: &'static str) -> Option<Duration> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]), now)
    }

    #[test]
    fn a_pause_is_seconds_or_a_date_and_nothing_else() {
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        for none in ["0", "Sun, 06 Nov 1994 08:49:27 GMT", "soon", "-1", "1.5", ""] {
            assert_eq!(asked(none), None, "{none}");
        }
    }

    #[test]
    fn statuses_map_to_kinds_and_dispositions() {
        let answers = Answers { forcelist: vec![500, 502, 503, 504, 404, 401], mask: Mask::default() };
        let pause = Some(Duration::from_secs(3));
        let transient = |after| Disposition::Transient { after };
        let unavailable = |code| EmitErrorKind::Unavailable { code };
        for (code, after, kind, disposition) in [
            (400, None, EmitErrorKind::Rejected { code: 400 }, Disposition::Permanent),
            (401, None, EmitErrorKind::Unauthorized { code: 401 }, transient(None)),
            (403, None, EmitErrorKind::Unauthorized { code: 403 }, Disposition::Permanent),
            (404, None, unavailable(404), transient(None)),
            (408, None, unavailable(408), transient(None)),
            (413, None, EmitErrorKind::Rejected { code: 413 }, Disposition::Permanent),
            (413, pause, EmitErrorKind::Throttled { retry_after: pause }, transient(pause)),
            (425, None, unavailable(425), transient(None)),
            (429, None, EmitErrorKind::Throttled { retry_after: None }, transient(None)),
            (429, pause, EmitErrorKind::Throttled { retry_after: pause }, transient(pause)),
            (500, pause, unavailable(500), transient(pause)),
            (501, None, unavailable(501), Disposition::Permanent),
            (503, None, unavailable(503), transient(None)),
            (503, pause, EmitErrorKind::Throttled { retry_after: pause }, transient(pause)),
        ] {
            let fault = answers.judge(code, after);
            assert_eq!((fault.kind(), fault.disposition()), (&kind, disposition), "{code}");
        }
    }
}
