//! A connection as lettre wants it, which knows whether the end of a mail has left, and which hears
//! one reply for each thing that was said.
//!
//! lettre takes the next reply that it has for the answer to whatever it said last. A server that says
//! more than it was asked could make a mail look taken that was not, so with such a one nothing is begun.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::mail::tls::Wire;

/// What ends a mail (RFC 5321 §4.1.1.4). lettre writes it by itself, apart from the text, and a
/// line of text that looks like it has its dot doubled; so seeing it leave is a proof.
const END: &[u8] = b"\r\n.\r\n";

/// How far the mail itself has come: whether it comes now, and whether its final dot has been given to the
/// connection.
#[derive(Debug, Clone, Default)]
pub struct Dot(Arc<Signs>);

#[derive(Debug, Default)]
struct Signs {
    mail_comes: AtomicBool,
    dot_left: AtomicBool,
}

impl Dot {
    pub fn has_left(&self) -> bool {
        self.0.dot_left.load(Ordering::Acquire)
    }

    /// From now on all that is written is the mail itself, up to its final dot.
    pub fn mail_comes(&self) {
        self.0.mail_comes.store(true, Ordering::Release);
    }

    pub fn forget(&self) {
        self.0.mail_comes.store(false, Ordering::Release);
        self.0.dot_left.store(false, Ordering::Release);
    }

    fn leaves(&self) {
        self.0.dot_left.store(true, Ordering::Release);
    }
}

/// A mail of at most so many bytes leaves together with its final dot, which lettre gives apart.
const HELD: usize = 64 * 1024;

/// Most bytes of one reply. lettre looks at the length of a line only when it has come to its end.
const LONGEST: usize = 64 * 1024;

/// How far the server's reply has come.
#[derive(Debug, Default)]
struct Reply {
    length: usize,
    column: usize,
    /// RFC 5321 §4.2.1: a hyphen behind the code says that another line follows.
    goes_on: bool,
    complete: bool,
}

impl Reply {
    /// Where in these bytes it ends.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            self.length += 1;
            match (byte, self.column) {
                (b'\n', _) if !self.goes_on => {
                    self.complete = true;
                    return Some(at + 1);
                }
                (b'\n', _) => (self.column, self.goes_on) = (0, false),
                (byte, column) => {
                    self.goes_on |= column == 3 && *byte == b'-';
                    self.column += 1;
                }
            }
        }
        None
    }
}

/// A [`Wire`] that lettre can drive.
#[derive(Debug)]
pub struct SmtpWire {
    wire: Wire,
    dot: Dot,
    /// Served before anything that the server says.
    greeting: &'static [u8],
    reply: Reply,
    /// The server said more than it was asked.
    babbles: bool,
    held: Held,
}

/// A mail that waits for its final dot.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    /// Of these bytes so many have left.
    left: usize,
    /// The final dot is among them.
    whole: bool,
}

impl SmtpWire {
    pub fn new(wire: Wire, dot: Dot) -> Self {
        let (reply, held) = (Reply::default(), Held::default());
        Self { wire, dot, greeting: b"", reply, babbles: false, held }
    }

    /// After STARTTLS the server does not greet again, yet lettre waits for a greeting: it gets this one.
    #[must_use]
    pub fn greeted(mut self) -> Self {
        self.greeting = b"220 ready\r\n";
        self
    }

    /// Writes what is held and the final dot.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let held = &mut self.held;
        if !held.whole {
            held.bytes.extend_from_slice(END);
            held.whole = true;
        }
        let text = held.bytes.len() - END.len();
        while let Some(rest) = held.bytes.get(held.left..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.wire).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => held.left += written,
            }
            if held.left > text {
                self.dot.leaves();
            }
        }
        self.held = Held::default();
        Poll::Ready(Ok(END.len()))
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
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.wire).poll_read(cx, buf))?;
        if this.reply.complete {
            // Whoever reads on takes what came for no whole reply.
            this.reply = Reply::default();
        }
        let came = buf.filled().get(before..).unwrap_or_default();
        let end = this.reply.end(came).map(|end| before + end);
        if this.reply.length > LONGEST {
            buf.set_filled(before);
            return Poll::Ready(Err(io::Error::other("a reply that is too long")));
        }
        if let Some(end) = end.filter(|end| *end < buf.filled().len()) {
            this.babbles = true;
            buf.set_filled(end);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for SmtpWire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.reply.complete {
            this.reply = Reply::default();
            // Anything that is there by now, the end of the connection too, came unasked.
            let mut byte = [0];
            this.babbles |= Pin::new(&mut this.wire).poll_read(cx, &mut ReadBuf::new(&mut byte)).is_ready();
        }
        if this.babbles {
            let what = "the server closed the connection or said more than it was asked";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, what)));
        }
        if !this.dot.0.mail_comes.load(Ordering::Acquire) {
            return Pin::new(&mut this.wire).poll_write(cx, buf);
        }
        if buf == END {
            return this.poll_end(cx);
        }
        if buf.len() <= HELD {
            // lettre gives the mail in one piece.
            this.held.bytes.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        Pin::new(&mut this.wire).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_ends_with_the_line_that_no_other_follows() {
        let end = |text: &str| Reply::default().end(text.as_bytes());
        assert_eq!(end("250 ok\r\n250 ok\r\n"), Some(8));
        assert_eq!(end("250-a\r\n250-b-c\r\n250 d\r\nmore"), Some(23));
        assert_eq!(end("250\r\n"), Some(5));
        assert_eq!(end("250-a\r\n"), None);
        let mut reply = Reply::default();
        let pieces = ["25", "0-a\r", "\n250", "-b\r\n", "250", " c\r\nx"];
        let ends: Vec<_> = pieces.iter().map(|piece| reply.end(piece.as_bytes())).collect();
        assert_eq!(ends, [None, None, None, None, None, Some(4)]);
    }

    #[tokio::test]
    async fn a_mail_leaves_with_its_final_dot_and_not_before() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        // Held, and too long for that.
        for length in [10, HELD + 1] {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let tcp = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            let dot = Dot::default();
            let mut wire = SmtpWire::new(Wire::Plain(tcp), dot.clone());
            let mail = vec![b'a'; length];
            let read = tokio::spawn(async move {
                let mut all = vec![0; 6 + length + END.len()];
                server.read_exact(&mut all).await.map(|_| all)
            });
            wire.write_all(b"DATA\r\n").await.unwrap();
            dot.mail_comes();
            wire.write_all(&mail).await.unwrap();
            assert!(!dot.has_left());
            wire.write_all(END).await.unwrap();
            assert!(dot.has_left());
            let all = read.await.unwrap().unwrap();
            assert!(all.starts_with(b"DATA\r\naaa") && all.ends_with(b"a\r\n.\r\n"));
        }
    }

    #[tokio::test]
    async fn a_reply_has_an_end_whether_in_one_line_or_in_many() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        for (start, more) in [("250 ", "a"), ("", "250-more\r\n")] {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let tcp = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            let flood = tokio::spawn(async move {
                server.write_all(start.as_bytes()).await?;
                let some = more.repeat(10_000);
                // Until the client has had enough.
                loop {
                    server.write_all(some.as_bytes()).await?;
                }
                #[expect(unreachable_code, reason = "names the type of the loop's end")]
                io::Result::Ok(())
            });
            let mut wire = SmtpWire::new(Wire::Plain(tcp), Dot::default());
            let mut read = Vec::new();
            assert!(wire.read_to_end(&mut read).await.is_err());
            assert!(read.len() <= LONGEST, "{}", read.len());
            drop(wire);
            assert!(flood.await.unwrap().is_err());
        }
    }
}
