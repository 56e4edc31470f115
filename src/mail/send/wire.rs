//! A connection as lettre wants it, which knows whether the end of a mail has left.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::mail::tls::Wire;

/// What ends a mail (RFC 5321 §4.1.1.4). lettre writes it by itself, apart from the text, and a
/// line of text that looks like it has its dot doubled; so seeing it leave is a proof.
const END: &[u8] = b"\r\n.\r\n";

/// Whether the final dot has been given to the connection.
#[derive(Debug, Clone, Default)]
pub struct Dot(Arc<AtomicBool>);

impl Dot {
    pub fn has_left(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub fn forget(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// A [`Wire`] that lettre can drive.
#[derive(Debug)]
pub struct SmtpWire {
    wire: Wire,
    dot: Dot,
    /// Served before anything that the server says.
    greeting: &'static [u8],
}

impl SmtpWire {
    pub fn new(wire: Wire, dot: Dot) -> Self {
        Self { wire, dot, greeting: b"" }
    }

    /// After STARTTLS the server does not greet again, yet lettre waits for a greeting: it gets this one.
    #[must_use]
    pub fn greeted(mut self) -> Self {
        self.greeting = b"220 ready\r\n";
        self
    }
}

impl AsyncTokioStream for SmtpWire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.wire.peer_addr()
    }
}

impl AsyncRead for SmtpWire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.greeting.is_empty() && buf.remaining() > 0 {
            let (now, later) = this.greeting.split_at(this.greeting.len().min(buf.remaining()));
            buf.put_slice(now);
            this.greeting = later;
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.wire).poll_read(cx, buf)
    }
}

impl AsyncWrite for SmtpWire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.wire).poll_write(cx, buf);
        if buf == END && matches!(written, Poll::Ready(Ok(1..))) {
            this.dot.0.store(true, Ordering::Release);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_shutdown(cx)
    }
}
