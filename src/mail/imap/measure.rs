//! How much a server may say in one answer.
//!
//! async-imap reads an answer whole before anybody sees it, and makes room for a literal as soon as
//! the server announces one: 400 MB for one line of its. So what comes in is counted here first. No
//! syntax is judged: only where lines end and which literals they announce (RFC 3501 §4.3).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::item::PIECE;

/// Most bytes of one answer. None of ours asks for more than a piece, so this is a server that cannot
/// be right; one that only misjudges the size of a mail is asked for pieces of it next.
const MOST: u64 = 2 * PIECE;

/// The end of the longest announcement: `{4294967295+}` and the line's end.
const ANNOUNCEMENT: usize = 15;

/// A connection whose answers are measured on their way in.
#[derive(Debug)]
pub struct Measured<W> {
    wire: W,
    measure: Measure,
}

impl<W> Measured<W> {
    pub fn new(wire: W) -> Self {
        Self { wire, measure: Measure::default() }
    }

    pub fn get_ref(&self) -> &W {
        &self.wire
    }

    pub fn into_inner(self) -> W {
        self.wire
    }
}

impl<W: AsyncRead + Unpin> AsyncRead for Measured<W> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.wire).poll_read(cx, buf))?;
        let came = buf.filled().get(before..).unwrap_or_default();
        if this.measure.has_room_for(came) {
            return Poll::Ready(Ok(()));
        }
        buf.set_filled(before);
        // The kind that the parser's own refusals have: to the line above it is an answer that cannot be read.
        Poll::Ready(Err(io::Error::other("an answer that is too large")))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Measured<W> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().wire).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_shutdown(cx)
    }
}

/// Where in an answer the server is.
#[derive(Debug, Default)]
struct Measure {
    /// Bytes of this answer so far, literals with the announced length.
    answer: u64,
    /// Bytes of the current literal that are still to come.
    literal: u64,
    /// The end of the current line, for the announcement that it may be.
    tail: Vec<u8>,
}

impl Measure {
    /// Counts what came in. False: the answer is larger than any that was asked for.
    fn has_room_for(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let within = usize::try_from(self.literal).unwrap_or(usize::MAX).min(bytes.len());
            self.literal -= within as u64;
            bytes = bytes.get(within..).unwrap_or_default();
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            bytes = rest;
            self.answer = self.answer.saturating_add(line.len() as u64);
            let from = line.len().saturating_sub(ANNOUNCEMENT);
            self.tail.extend_from_slice(line.get(from..).unwrap_or_default());
            self.tail.drain(..self.tail.len().saturating_sub(ANNOUNCEMENT));
            if end.is_some() {
                match announced(&self.tail) {
                    Some(length) => {
                        self.literal = length;
                        self.answer = self.answer.saturating_add(length);
                    }
                    None => self.answer = 0,
                }
                self.tail.clear();
            }
            if self.answer > MOST {
                return false;
            }
        }
        true
    }
}

/// The length of the literal that a line announces at its end; one that no number holds is the largest.
fn announced(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let line = line.strip_suffix(b"+").unwrap_or(line);
    let digits = line.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, number) = line.split_at(line.len() - digits);
    // Longer than the tail that is kept: no server has that many bytes.
    if digits > 0 && before.is_empty() {
        return Some(u64::MAX);
    }
    before.strip_suffix(b"{")?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether all of it passes, however it is cut.
    fn passes(bytes: &[u8]) -> bool {
        let whole = Measure::default().has_room_for(bytes);
        for size in [1, 7, 16 * 1024] {
            let mut measure = Measure::default();
            let cut = bytes.chunks(size).all(|chunk| measure.has_room_for(chunk));
            assert_eq!(cut, whole, "in pieces of {size}");
        }
        whole
    }

    fn fetched(length: usize) -> Vec<u8> {
        let mut answer = format!("* 1 FETCH (UID 7 BODY[] {{{length}}}\r\n").into_bytes();
        answer.extend(std::iter::repeat_n(b"x{99999999}\r\n", length / 13 + 1).flatten().take(length));
        answer.extend_from_slice(b" FLAGS ())\r\n");
        answer
    }

    #[test]
    fn an_answer_of_a_piece_passes_any_number_of_times() {
        let one = fetched(1024 * 1024);
        assert!(passes(&[one.clone(), one.clone(), one].concat()));
    }

    #[test]
    fn a_literal_is_refused_when_it_is_announced() {
        for announcement in ["{400000000}", "{3000000+}", "~{400000000}", "{99999999999999999999999}"] {
            assert!(
                !passes(format!("* 1 FETCH (UID 7 BODY[] {announcement}\r\n").as_bytes()),
                "{announcement}"
            );
        }
        for line in ["* OK {400000000} bytes\r\n", "* OK {}\r\n", "* OK 400000000}\r\n", "* OK {x}\r\n"] {
            assert!(passes(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn an_answer_has_an_end_whether_in_one_line_or_in_literals() {
        let most = usize::try_from(MOST).unwrap();
        assert!(passes(&[vec![b'a'; most - 2], b"\r\n".to_vec()].concat()));
        assert!(!passes(&vec![b'a'; most + 1]));
        assert!(!passes(&"* 1 FETCH (BODY[1] {2}\r\nab".repeat(most / 20).into_bytes()));
    }
}
