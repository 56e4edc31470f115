//! What is wrong with a server's certificate, in words that say what to do; and whether it ends soon.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::CertificateError::{
    Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, RootCertStore};

/// So long before its end a certificate should have been renewed: those that renew by themselves do so a
/// month before.
const AHEAD: Duration = Duration::from_hours(14 * 24);
/// Names of a certificate that are shown.
const NAMES: usize = 5;

/// What is wrong and what to do.
pub fn trouble(host: &str, error: &CertificateError) -> String {
    match error {
        Expired => format!("the certificate of {host} has expired: {RENEW}"),
        ExpiredContext { time, not_after } => {
            format!("the certificate of {host} expired on {}, {}: {RENEW}", day(*not_after), clock(*time))
        }
        NotValidYet => format!("the certificate of {host} does not count yet: {CLOCK}"),
        NotValidYetContext { time, not_before } => {
            format!(
                "the certificate of {host} counts only from {}, {}: {CLOCK}",
                day(*not_before),
                clock(*time)
            )
        }
        NotValidForName => format!("the certificate of {host} is not valid for this name: {NAME}"),
        NotValidForNameContext { presented, .. } => {
            format!(
                "the certificate of {host} is not valid for this name, only for {}: {NAME}",
                names(presented)
            )
        }
        CertificateError::UnknownIssuer => format!(
            "the certificate of {host} is not trusted, since nobody known vouches for it: name its root certificate \
             in `ca_file` where it is your own, or have the server send the certificates in between"
        ),
        other => format!(
            "the certificate of {host} is not trusted ({other}): correct `host`, renew the certificate, or name its \
             root certificate in `ca_file`"
        ),
    }
}

const RENEW: &str =
    "have it renewed by whoever runs the server; it is tried on, and no mail is lost meanwhile";
const CLOCK: &str = "set the clock of this machine, or have the certificate made anew";
const NAME: &str = "correct `host` to a name that the certificate is for, or have it made for this one";

fn day(time: UnixTime) -> String {
    moment(time).map_or_else(
        || "a day beyond reckoning".to_owned(),
        |time| time.format("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

fn clock(time: UnixTime) -> String {
    format!("and the clock here says {}", day(time))
}

fn moment(time: UnixTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(time.as_secs()).ok()?, 0)
}

/// rustls writes `DnsName("mail.example.nl")`.
fn names(presented: &[String]) -> String {
    let bare =
        |name: &String| name.split('"').nth(1).unwrap_or(name).chars().filter(|c| !c.is_control()).collect();
    let shown: Vec<String> = presented.iter().take(NAMES).map(bare).collect();
    match presented.len() {
        0 => "no name at all".to_owned(),
        count if count > NAMES => format!("{} and {} more", shown.join(", "), count - NAMES),
        _ => shown.join(", "),
    }
}

/// When the certificates that a server has shown end, where that is within two weeks.
pub fn ends_soon(
    shown: &[CertificateDer],
    name: &ServerName,
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
) -> Option<DateTime<Utc>> {
    let (own, between) = shown.split_first()?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok()?;
    // They were found good for today: what is wrong with them in two weeks is their end.
    let then = UnixTime::since_unix_epoch(Duration::from_secs(UnixTime::now().as_secs()) + AHEAD);
    match verifier.verify_server_cert(own, between, name, &[], then) {
        Err(rustls::Error::InvalidCertificate(ExpiredContext { not_after, .. })) => moment(not_after),
        _ => None,
    }
}
