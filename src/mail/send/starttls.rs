//! STARTTLS (RFC 3207), before lettre takes over.
//!
//! lettre could do it, but keeps what it had read before TLS began, which anybody on the way may
//! have put there. Here a server that says more than it was asked is refused.

use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::reply::rest;
use super::smtp::Limits;
use crate::config::Server;
use crate::mail::Failure;
use crate::mail::tls::{self, Wire};

/// Lines of a reply, and bytes of each, that are read at most.
const LINES: usize = 100;
const LINE: u64 = 2_000;

/// Asks for TLS on a fresh connection and begins it.
pub async fn upgrade(
    tcp: TcpStream,
    server: &Server,
    name: &ClientId,
    limits: &Limits,
) -> Result<Wire, Failure> {
    let host = &server.host;
    let mut plain = BufReader::new(tcp);
    let talk = async {
        expect(&mut plain, host, 220).await?;
        say(&mut plain, host, &format!("EHLO {name}\r\n")).await?;
        let offers = expect(&mut plain, host, 250).await?;
        if !offers.iter().any(|offer| offer.trim().eq_ignore_ascii_case("STARTTLS")) {
            return Err(Failure::permanent(format!(
                "{host} offers no STARTTLS: use `security = \"tls\"` and its port"
            )));
        }
        say(&mut plain, host, "STARTTLS\r\n").await?;
        expect(&mut plain, host, 220).await
    };
    timeout(limits.command, talk).await.map_err(|_| {
        Failure::temporary(format!("{host} did not answer within {} s", limits.command.as_secs()))
    })??;
    if !plain.buffer().is_empty() {
        return Err(Failure::temporary(format!("somebody put words into {host}'s mouth before TLS began")));
    }
    tls::secure(plain.into_inner(), server, limits.connect).await
}

async fn say(plain: &mut BufReader<TcpStream>, host: &str, words: &str) -> Result<(), Failure> {
    plain.get_mut().write_all(words.as_bytes()).await.map_err(|error| lost(host, &error))
}

/// The texts of a reply, which must have this code.
async fn expect(plain: &mut BufReader<TcpStream>, host: &str, code: u16) -> Result<Vec<String>, Failure> {
    use tokio::io::AsyncReadExt;
    let mut texts = Vec::new();
    while texts.len() < LINES {
        let mut line = String::new();
        let read = (&mut *plain).take(LINE).read_line(&mut line).await.map_err(|error| lost(host, &error))?;
        if read == 0 {
            return Err(Failure::temporary(format!("{host} closed the connection")));
        }
        if line.get(..3) != Some(code.to_string().as_str()) {
            let said: String = line.trim().chars().take(200).collect();
            let rest = said.get(..3).and_then(|code| rest(code, said.get(4..).unwrap_or_default(), None));
            let what = format!("{host} said \"{said}\" where {code} was expected");
            return Err(Failure { rest, ..Failure::temporary(what) });
        }
        texts.push(line.get(4..).unwrap_or_default().trim_end().to_owned());
        if line.get(3..4) != Some("-") {
            return Ok(texts);
        }
    }
    Err(Failure::temporary(format!("{host} does not come to an end with its reply")))
}

fn lost(host: &str, error: &std::io::Error) -> Failure {
    Failure::temporary(format!("{host} lost the connection: {error}"))
}
