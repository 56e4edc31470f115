//! Connections to mail servers: resolve, connect, TLS. Shared by IMAP and SMTP.
//!
//! Refuses to speak in the clear with anything but this machine, and to fall back from one kind of
//! security to another.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Failure, certificate};
use crate::config::{Security, Server};

/// After so long without an acknowledgement the kernel gives a connection up, so that a half-open
/// one is noticed within two minutes even while nobody waits for an answer.
const UNACKNOWLEDGED: Duration = Duration::from_secs(90);

/// A connection to a server, private or on this machine.
pub enum Wire {
    Plain(TcpStream),
    /// And when the server's certificate ends, where that is soon.
    Tls(Box<TlsStream<TcpStream>>, Option<DateTime<Utc>>),
}

impl Wire {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls, _) => tls.get_ref().0,
        }
    }

    /// What protects it, for people: version and cipher as they were agreed upon.
    pub fn privacy(&self) -> String {
        let Self::Tls(tls, _) = self else { return "in the clear".to_owned() };
        let connection = tls.get_ref().1;
        let version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS",
        };
        let Some(suite) = connection.negotiated_cipher_suite() else { return version.to_owned() };
        let cipher = format!("{:?}", suite.suite());
        let cipher = cipher.trim_start_matches("TLS13_").trim_start_matches("TLS_");
        format!("{version}, {cipher}")
    }

    /// When the server's certificate ends, where that is within two weeks.
    pub fn ends(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(_, ends) => *ends,
        }
    }

    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().peer_addr()
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Wire::Plain",
            Self::Tls(..) => "Wire::Tls",
        })
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls, _) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(tls, _) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls, _) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls, _) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

/// Opens the TCP connection. TLS, where it is wanted, comes with [`secure`].
pub async fn connect(server: &Server, limit: Duration) -> Result<TcpStream, Failure> {
    let Server { host, port, .. } = server;
    let late = || Failure::temporary(format!("no connection to {host}:{port} within {} s", limit.as_secs()));
    let addresses: Vec<SocketAddr> = timeout(limit, lookup_host((host.as_str(), *port)))
        .await
        .map_err(|_| late())?
        .map_err(|error| Failure::temporary(format!("the name {host} cannot be resolved: {error}")))?
        .collect();
    if server.security == Security::None && !addresses.iter().all(|address| address.ip().is_loopback()) {
        return Err(Failure::permanent(format!(
            "security = \"none\" is for servers on this machine only and {host} is not one: use \"tls\" or \"starttls\""
        )));
    }
    let mut last = Failure::temporary(format!("the name {host} has no address"));
    for address in addresses {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                prepare(&tcp);
                return Ok(tcp);
            }
            Ok(Err(error)) => last = Failure::temporary(format!("no connection to {host}:{port}: {error}")),
            Err(_) => last = late(),
        }
    }
    Err(last)
}

/// Small writes leave at once and a dead peer is noticed. Failing at that is no reason to stop:
/// every read has its own limit as well.
fn prepare(tcp: &TcpStream) {
    let _ = tcp.set_nodelay(true);
    let socket = SockRef::from(tcp);
    let keepalive =
        TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(15));
    let _ = socket.set_tcp_keepalive(&keepalive);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
}

/// Makes a connection private and makes sure who is at its other end.
pub async fn secure(tcp: TcpStream, server: &Server, limit: Duration) -> Result<Wire, Failure> {
    let host = &server.host;
    let name = ServerName::try_from(host.clone()).map_err(|_| {
        Failure::permanent(format!("{host} is no host name that a certificate can be checked for"))
    })?;
    let (roots, provider) = (roots(server.ca_file.as_deref())?, Arc::new(ring::default_provider()));
    let connector = TlsConnector::from(client(roots.clone(), Arc::clone(&provider))?);
    match timeout(limit, connector.connect(name.clone(), tcp)).await {
        Ok(Ok(tls)) => {
            let shown = tls.get_ref().1.peer_certificates().unwrap_or_default();
            let ends = certificate::ends_soon(shown, &name, roots, provider);
            Ok(Wire::Tls(Box::new(tls), ends))
        }
        Ok(Err(error)) => Err(refused(host, &error)),
        Err(_) => Err(Failure::temporary(format!(
            "{host} did not finish the TLS handshake within {} s",
            limit.as_secs()
        ))),
    }
}

/// A certificate that cannot be trusted stays so until a person acts; anything else may pass.
fn refused(host: &str, error: &io::Error) -> Failure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(why)) => Failure::permanent(certificate::trouble(host, why)),
        Some(rustls::Error::InvalidMessage(_)) => Failure::permanent(format!(
            "{host} does not speak TLS on this port: correct `port` or `security`"
        )),
        _ => Failure::temporary(format!("the TLS handshake with {host} failed: {error}")),
    }
}

/// Trust in the platform's roots and the one that the configuration adds. Read anew for each
/// connection, so that a renewed root counts without a restart.
fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    let platform = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(platform.certs);
    if let Some(path) = ca_file {
        add_file(&mut roots, path)?;
    }
    Ok(roots)
}

fn client(roots: RootCertStore, provider: Arc<CryptoProvider>) -> Result<Arc<ClientConfig>, Failure> {
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::permanent(format!("TLS cannot be set up: {error}")))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let unreadable =
        |why: &dyn fmt::Display| Failure::permanent(format!("ca_file {shown} cannot be used: {why}"));
    let mut found = 0;
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
        let certificate = certificate.map_err(|error| unreadable(&error))?;
        roots.add(certificate).map_err(|error| unreadable(&error))?;
        found += 1;
    }
    if found == 0 {
        return Err(unreadable(&"it holds no certificate in PEM form"));
    }
    Ok(())
}
