//! One POST of a form to an endpoint, and its answer in JSON, both within bounds.

use std::fmt::Write as _;
use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{
    ACCEPT, CONNECTION, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName, RETRY_AFTER, USER_AGENT,
};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::Failure;
use crate::config::{Endpoint, Security};
use crate::mail::tls::{self, Wire};

/// For a whole question, from the name of the server to the end of its answer.
pub const LIMIT: Duration = Duration::from_secs(30);

/// No answer of an endpoint is larger.
const MOST: usize = 256 * 1024;

/// What an endpoint said.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// Its clock.
    pub date: Option<DateTime<Utc>>,
    /// How long it wants to be left alone.
    pub retry_after: Option<TimeDelta>,
    /// Empty where it was no JSON object.
    pub body: Map<String, Value>,
}

impl Answer {
    pub fn text(&self, key: &str) -> Option<&str> {
        self.body.get(key)?.as_str()
    }

    /// A number, which some servers write as a text.
    pub fn number(&self, key: &str) -> Option<i64> {
        let value = self.body.get(key)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Asks, and gives up after [`LIMIT`].
pub async fn post(endpoint: &Endpoint, form: &[(&str, String)]) -> Result<Answer, Failure> {
    let host = &endpoint.server.host;
    let late =
        || Failure::temporary(format!("{host} gave no answer about a token within {} s", LIMIT.as_secs()));
    timeout(LIMIT, ask(endpoint, form)).await.map_err(|_| late())?
}

async fn ask(endpoint: &Endpoint, form: &[(&str, String)]) -> Result<Answer, Failure> {
    let server = &endpoint.server;
    let host = &server.host;
    let tcp = tls::connect(server, LIMIT).await?;
    let wire = match server.security {
        Security::None => Wire::Plain(tcp),
        _ => tls::secure(tcp, server, LIMIT).await?,
    };
    let lost = |error: hyper::Error| {
        // Its own text, not that of its cause, which may quote what was sent.
        Failure::temporary(format!("{host} lost the connection while it was asked for a token: {error}"))
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(wire)).await.map_err(lost)?;
    let request = request(endpoint, form)?;
    let mut asking = pin!(async {
        let (head, body) = sender.send_request(request).await.map_err(lost)?.into_parts();
        let whole = Limited::new(body, MOST).collect().await.map_err(|_| {
            Failure::temporary(format!("{host} gave an answer about a token that has no end, or was cut off"))
        })?;
        Ok((head, whole.to_bytes()))
    });
    let mut connection = pin!(connection);
    let (head, body) = tokio::select! {
        biased;
        answer = &mut asking => answer?,
        // What it had said is still to be read.
        _ = &mut connection => asking.await?,
    };
    let date = header(&head.headers, &DATE).and_then(moment);
    Ok(Answer {
        status: head.status.as_u16(),
        date,
        retry_after: header(&head.headers, &RETRY_AFTER).and_then(|text| pause(text, date)),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

fn request(endpoint: &Endpoint, form: &[(&str, String)]) -> Result<Request<Full<Bytes>>, Failure> {
    let server = &endpoint.server;
    let standard = if server.security == Security::None { 80 } else { 443 };
    let port = if server.port == standard { String::new() } else { format!(":{}", server.port) };
    Request::builder()
        .method(Method::POST)
        .uri(endpoint.path.as_str())
        .header(HOST, format!("{}{port}", server.host))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .header(CONNECTION, "close")
        .header(USER_AGENT, concat!("triaged/", env!("CARGO_PKG_VERSION")))
        .body(Full::new(Bytes::from(encoded(form))))
        .map_err(|_| Failure::permanent(format!("{} is no address of a page", endpoint.url())))
}

/// `application/x-www-form-urlencoded`, with every character escaped that might mean something.
pub fn encoded(form: &[(&str, String)]) -> String {
    let mut out = String::new();
    for (key, value) in form {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(key);
        out.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// What [`encoded`] wrote, or a browser; what cannot be read is left out.
pub fn decoded(form: &str) -> Vec<(String, String)> {
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(key, value)| Some((plain(key)?, plain(value)?))).collect()
}

fn plain(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// RFC 9110 §5.6.7
fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

/// RFC 9110 §10.2.3: seconds, or a moment by the server's own clock.
fn pause(text: &str, now: Option<DateTime<Utc>>) -> Option<TimeDelta> {
    match text.trim().parse::<i64>() {
        Ok(seconds) => TimeDelta::try_seconds(seconds),
        Err(_) => Some(moment(text)?.signed_duration_since(now?)),
    }
    .filter(|pause| *pause > TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_the_form_whatever_is_in_it() {
        let form = [("client_secret", "a~b+c/d=e&f g%é".to_owned()), ("x", String::new())];
        assert_eq!(encoded(&form), "client_secret=a~b%2Bc%2Fd%3De%26f%20g%25%C3%A9&x=");
        let read = decoded(&encoded(&form));
        assert_eq!(read[0], ("client_secret".to_owned(), "a~b+c/d=e&f g%é".to_owned()));
        for odd in ["", "a", "a=%", "a=%4", "a=%zz", "a=%ff", "%=b"] {
            assert_eq!(decoded(odd), [], "{odd}");
        }
    }

    #[test]
    fn a_server_says_in_two_ways_how_long_it_wants_to_be_left_alone() {
        let now = moment("Thu, 26 Nov 2026 10:00:00 GMT");
        assert_eq!(pause("120", None), Some(TimeDelta::seconds(120)));
        assert_eq!(pause("Thu, 26 Nov 2026 10:01:30 GMT", now), Some(TimeDelta::seconds(90)));
        for none in ["soon", "-5", "0", "Thu, 26 Nov 2026 09:00:00 GMT"] {
            assert_eq!(pause(none, now), None, "{none}");
        }
    }
}
