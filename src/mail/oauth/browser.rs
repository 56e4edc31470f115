//! The sign-in by a browser (RFC 8252 §7.3): the provider sends it back to this machine with a code. For
//! providers whose device flow gives no access to mail, Google's first of all.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::device::keep;
use super::form::Proof;
use super::{Failure, Hidden, Wanted, http, refusal};
use crate::clock::Clock;
use crate::config::{Grant, Provider, SignIn};

/// For a person to find their password.
const PATIENCE: Duration = Duration::from_mins(15);

/// A browser sends its request at once.
const REQUEST: Duration = Duration::from_secs(10);

/// No address that a provider sends a browser to is longer.
const MOST: u64 = 16 * 1024;

/// What the person does.
#[derive(Debug)]
pub struct Invitation {
    /// The page to open. It ends up at `port` of this machine.
    pub page: String,
    pub port: u16,
    listener: TcpListener,
    /// Only who was sent by us knows it (RFC 6749 §10.12).
    state: Hidden,
    /// Only who asked can use the code (RFC 7636).
    verifier: Hidden,
}

/// Listens for the browser.
pub async fn begin(wanted: &Wanted) -> Result<Invitation, Failure> {
    let oauth = &wanted.oauth;
    let Grant::RefreshToken { sign_in: SignIn::Browser(page), .. } = &oauth.grant else {
        return Err(Failure::permanent(format!("[oauth.{}] has no page to sign in at", oauth.name)));
    };
    let busy = |error| Failure::temporary(format!("nobody can be listened to on this machine: {error}"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(busy)?;
    let port = listener.local_addr().map_err(busy)?.port();
    let (state, verifier) = (chance()?, chance()?);
    let mut question = vec![
        ("response_type", "code".to_owned()),
        ("client_id", oauth.client_id.clone()),
        ("redirect_uri", home(port)),
        ("scope", oauth.scopes.join(" ")),
        ("state", state.reveal().to_owned()),
        ("code_challenge", URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.reveal()))),
        ("code_challenge_method", "S256".to_owned()),
    ];
    if oauth.provider == Provider::Google {
        // Without both, Google gives no refresh token to who has signed in before.
        question.push(("access_type", "offline".to_owned()));
        question.push(("prompt", "consent".to_owned()));
    }
    let page = format!("{}?{}", page.url(), http::encoded(&question));
    Ok(Invitation { page, port, listener, state, verifier })
}

/// Waits for the browser, and keeps the refresh token.
pub async fn finish(wanted: &Wanted, invitation: &Invitation, clock: &Clock) -> Result<(), Failure> {
    let oauth = &wanted.oauth;
    let late = |_| Failure::temporary("nobody signed in in time: begin again");
    let code = timeout(PATIENCE, invitation.code()).await.map_err(late)??;
    let mut form = Proof::read(oauth)?.of_client(oauth, &oauth.token_endpoint, clock.now())?;
    form.push(("grant_type", "authorization_code".to_owned()));
    form.push(("code", code.reveal().to_owned()));
    form.push(("redirect_uri", home(invitation.port)));
    form.push(("code_verifier", invitation.verifier.reveal().to_owned()));
    let answer = http::post(&oauth.token_endpoint, &form).await?;
    if !answer.is_good() {
        return Err(refusal::failure(wanted, &answer));
    }
    keep(wanted, &answer).await
}

impl Invitation {
    /// The code that the browser brings; what anybody else says is not listened to.
    async fn code(&self) -> Result<Hidden, Failure> {
        loop {
            let Ok((mut tcp, _)) = self.listener.accept().await else { continue };
            let Ok(Some(address)) = timeout(REQUEST, asked(&mut tcp)).await else { continue };
            let answers = http::decoded(address.split_once('?').map_or("", |(_, answers)| answers));
            let find = |wanted: &str| answers.iter().find(|(key, _)| key == wanted).map(|(_, value)| value);
            if find("state").map(String::as_str) != Some(self.state.reveal()) {
                tell(&mut tcp, "404 Not Found", "Nothing is here.").await;
                continue;
            }
            if let Some(code) = find("code") {
                tell(&mut tcp, "200 OK", "Signed in. You can close this window.").await;
                return Ok(Hidden::new(code));
            }
            tell(&mut tcp, "200 OK", "The sign-in was declined. You can close this window.").await;
            return Err(Failure::permanent("the sign-in was declined at the page"));
        }
    }
}

/// Where the browser is sent back to.
fn home(port: u16) -> String {
    format!("http://127.0.0.1:{port}/")
}

/// The address of a GET.
async fn asked(tcp: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut limited = tcp.take(MOST);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if limited.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    head.strip_prefix("GET ")?.split(' ').next().map(str::to_owned)
}

/// A browser that has gone away is no fault.
async fn tell(tcp: &mut TcpStream, status: &str, text: &str) {
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    let _ = timeout(REQUEST, tcp.write_all(answer.as_bytes())).await;
    let _ = timeout(REQUEST, tcp.shutdown()).await;
}

fn chance() -> Result<Hidden, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| Failure::temporary("nobody can sign in: the system gives no random numbers"))?;
    Ok(Hidden::new(URL_SAFE_NO_PAD.encode(bytes)))
}
