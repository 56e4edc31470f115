//! A connection as lettre wants it, which knows whether the end of a mail has left, and which hears
//! one reply for each thing that was said, be it one by one or in a group (RFC 2920).
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

/// What the connection and who drives it tell each other: whether the mail itself comes now, whether its
/// final dot has been given to the connection, and whether the server takes commands in groups.
#[derive(Debug, Clone, Default)]
pub struct Signs(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    mail_comes: AtomicBool,
    dot_left: AtomicBool,
    takes_groups: AtomicBool,
}

impl Signs {
    pub fn dot_has_left(&self) -> bool {
        self.0.dot_left.load(Ordering::Acquire)
    }

    /// The server offered PIPELINING (RFC 2920), which lettre does not know.
    pub fn takes_groups(&self) -> bool {
        self.0.takes_groups.load(Ordering::Acquire)
    }

    /// From now on all that is written is the mail itself, up to its final dot.
    pub fn mail_comes(&self) {
        self.0.mail_comes.store(true, Ordering::Release);
    }

    pub fn forget(&self) {
        self.0.mail_comes.store(false, Ordering::Release);
        self.0.dot_left.store(false, Ordering::Release);
    }

    fn dot_leaves(&self) {
        self.0.dot_left.store(true, Ordering::Release);
    }

    fn offers_groups(&self) {
        self.0.takes_groups.store(true, Ordering::Release);
    }
}

/// A mail of at most so many bytes leaves together with its final dot, which lettre gives apart.
const HELD: usize = 64 * 1024;

/// Most bytes of one reply. lettre looks at the length of a line only when it has come to its end.
const LONGEST: usize = 64 * 1024;

/// How far a reply of the server has come.
#[derive(Debug, Default)]
struct Reply {
    length: usize,
    /// The line under way: its code and what may be the name of an extension.
    line: Vec<u8>,
    offers_groups: bool,
}

/// As much of a line as is looked at.
const LOOKED_AT: usize = b"250-PIPELINING\r\n".len();

impl Reply {
    /// Where in these bytes it ends.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            self.length += 1;
            if self.line.len() < LOOKED_AT {
                self.line.push(*byte);
            }
            if *byte == b'\n' {
                let word = self.line.strip_prefix(b"250").and_then(|rest| rest.get(1..));
                self.offers_groups |=
                    word.is_some_and(|word| word.trim_ascii().eq_ignore_ascii_case(b"PIPELINING"));
                // RFC 5321 §4.2.1: a hyphen behind the code says that another line follows.
                let goes_on = self.line.get(3) == Some(&b'-');
                self.line.clear();
                if !goes_on {
                    return Some(at + 1);
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
    signs: Signs,
    /// Served before anything that the server says.
    greeting: &'static [u8],
    reply: Reply,
    /// So many replies are to come.
    due: usize,
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
    pub fn new(wire: Wire, signs: Signs) -> Self {
        let (reply, held) = (Reply::default(), Held::default());
        Self { wire, signs, greeting: b"", reply, due: 1, babbles: false, held }
    }

    /// After STARTTLS the server does not greet again, yet lettre waits for a greeting: it gets this one.
    #[must_use]
    pub fn greeted(mut self) -> Self {
        self.greeting = b"220 ready\r\n";
        self.due = 0;
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
                self.signs.dot_leaves();
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
        let mut end = buf.filled().len();
        ready!(Pin::new(&mut this.wire).poll_read(cx, buf))?;
        // Whoever reads on takes what came for no whole reply.
        this.due = this.due.max(1);
        while this.due > 0 {
            let came = buf.filled().get(end..).unwrap_or_default();
            let whole = this.reply.end(came);
            if this.reply.length > LONGEST {
                buf.set_filled(end);
                return Poll::Ready(Err(io::Error::other("a reply that is too long")));
            }
            let Some(length) = whole else { return Poll::Ready(Ok(())) };
            end += length;
            this.due -= 1;
            if std::mem::take(&mut this.reply).offers_groups {
                this.signs.offers_groups();
            }
        }
        if end < buf.filled().len() {
            this.babbles = true;
            buf.set_filled(end);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for SmtpWire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.due == 0 {
            // Anything that is there by now, the end of the connection too, came unasked.
            let mut byte = [0];
            this.babbles |= Pin::new(&mut this.wire).poll_read(cx, &mut ReadBuf::new(&mut byte)).is_ready();
        }
        if this.babbles {
            let what = "the server closed the connection or said more than it was asked";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, what)));
        }
        if !this.signs.0.mail_comes.load(Ordering::Acquire) {
            let written = ready!(Pin::new(&mut this.wire).poll_write(cx, buf))?;
            // Each line is a command, and each command has its reply.
            this.due += buf.iter().take(written).filter(|byte| **byte == b'\n').count();
            return Poll::Ready(Ok(written));
        }
        // From its first byte on: a server may refuse a mail before it has all of it.
        this.due = 1;
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
            let signs = Signs::default();
            let mut wire = SmtpWire::new(Wire::Plain(tcp), signs.clone());
            let mail = vec![b'a'; length];
            let read = tokio::spawn(async move {
                let mut all = vec![0; 6 + length + END.len()];
                server.read_exact(&mut all).await.map(|_| all)
            });
            wire.write_all(b"DATA\r\n").await.unwrap();
            signs.mail_comes();
            wire.write_all(&mail).await.unwrap();
            assert!(!signs.dot_has_left());
            wire.write_all(END).await.unwrap();
            assert!(signs.dot_has_left());
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
            let mut wire = SmtpWire::new(Wire::Plain(tcp), Signs::default());
            let mut read = Vec::new();
            assert!(wire.read_to_end(&mut read).await.is_err());
            assert!(read.len() <= LONGEST, "{}", read.len());
            drop(wire);
            assert!(flood.await.unwrap().is_err());
        }
    }
}
