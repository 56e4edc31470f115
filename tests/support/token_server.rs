//! A token server that speaks as the providers document theirs: client credentials by secret or signed
//! statement, refresh tokens that rotate, service accounts, the device flow; and what Dovecot asks it.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
    VerificationAlgorithm,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Certificates;

/// Appears in every secret and token, and must appear nowhere else.
pub const CANARY: &str = "k4n4r13";

/// An answer instead of the usual one.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    /// Such as `Retry-After: 2`.
    pub header: Option<String>,
    pub body: Value,
    pub delay: Duration,
}

impl Reply {
    pub fn error(status: u16, error: &str, description: &str) -> Self {
        Self { status, body: json!({ "error": error, "error_description": description }), ..Self::default() }
    }
}

/// What the server knows and does; tests change it at any time.
#[derive(Debug)]
pub struct State {
    /// What is answered next, in order, before the usual answers.
    pub replies: VecDeque<Reply>,
    /// Every form that came in, with the page that it came to.
    pub asked: Vec<(String, BTreeMap<String, String>)>,
    pub client_secret: String,
    /// Access token to user, of those that count.
    pub tokens: BTreeMap<String, String>,
    /// For whom an application's token counts.
    pub user: String,
    /// The refresh token that counts.
    pub refresh: Option<String>,
    /// Each use of a refresh token gives out a new one.
    pub rotates: bool,
    pub expires_in: i64,
    /// Seconds that the server's clock is ahead of ours.
    pub ahead: i64,
    /// What the browser brings home, and the digest of what only who asked knows.
    pub code: Option<(String, String)>,
    /// What polls of the device flow hear until it is empty; then the sign-in is done.
    pub polls: VecDeque<&'static str>,
    pub interval: i64,
    given: u32,
}

/// Runs until the test ends.
#[derive(Debug, Clone)]
pub struct TokenServer {
    pub port: u16,
    private: bool,
    state: Arc<Mutex<State>>,
}

impl TokenServer {
    /// In the clear, on this machine.
    pub fn start() -> Self {
        Self::serve(None)
    }

    pub fn private(certificates: &Certificates) -> Self {
        Self::serve(Some(certificates.server_config()))
    }

    fn serve(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let state = State {
            replies: VecDeque::new(),
            asked: Vec::new(),
            client_secret: format!("geheim-{CANARY}"),
            tokens: BTreeMap::new(),
            user: "klacht".to_owned(),
            refresh: None,
            rotates: true,
            expires_in: 3600,
            ahead: 0,
            code: None,
            polls: VecDeque::new(),
            interval: 1,
            given: 0,
        };
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            private: tls.is_some(),
            state: Arc::new(Mutex::new(state)),
        };
        let here = server.clone();
        thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let (here, tls) = (here.clone(), tls.clone());
                thread::spawn(move || {
                    // A client that goes away is its own affair.
                    let _ = match tls {
                        None => here.answer(tcp),
                        Some(tls) => here.answer(StreamOwned::new(ServerConnection::new(tls).unwrap(), tcp)),
                    };
                });
            }
        });
        server
    }

    pub fn url(&self, page: &str) -> String {
        let (scheme, host) = if self.private { ("https", "localhost") } else { ("http", "127.0.0.1") };
        format!("{scheme}://{host}:{}{page}", self.port)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// How many tokens were asked for.
    pub fn questions(&self) -> usize {
        self.state().asked.iter().filter(|(page, _)| page == "/token").count()
    }

    /// No access token counts any longer.
    pub fn revoke_all(&self) {
        self.state().tokens.clear();
    }

    fn answer<S: Read + Write>(&self, stream: S) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let page = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (mut length, mut bearer) = (0, String::new());
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "authorization" => value.trim().trim_start_matches("Bearer ").clone_into(&mut bearer),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let form = decoded(&String::from_utf8_lossy(&body));
        let (reply, date) = {
            let mut state = self.state();
            let reply = state.reply(self, &page, &form, &bearer);
            if page != "/introspect" {
                state.asked.push((page, form));
            }
            (reply, state.now())
        };
        thread::sleep(reply.delay);
        let text = if reply.body.is_null() { "<html>".to_owned() } else { reply.body.to_string() };
        let more = reply.header.map(|header| format!("{header}\r\n")).unwrap_or_default();
        let date = date.format("%a, %d %b %Y %H:%M:%S GMT");
        write!(
            stream.get_mut(),
            "HTTP/1.1 {} x\r\nDate: {date}\r\nContent-Type: application/json\r\n{more}Content-Length: {}\r\n\
             Connection: close\r\n\r\n{text}",
            reply.status,
            text.len()
        )?;
        stream.get_mut().flush()
    }
}

impl State {
    fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from(system_time()) + chrono::TimeDelta::seconds(self.ahead)
    }

    fn reply(
        &mut self,
        server: &TokenServer,
        page: &str,
        form: &BTreeMap<String, String>,
        bearer: &str,
    ) -> Reply {
        if page == "/introspect" {
            return match self.tokens.get(bearer) {
                Some(user) => good(json!({ "active": true, "user": user })),
                None => good(json!({ "active": false })),
            };
        }
        if let Some(reply) = self.replies.pop_front() {
            return reply;
        }
        if page == "/device" {
            return good(json!({
                "device_code": format!("device-{CANARY}"), "user_code": "WDJB-MJHT", "expires_in": 900,
                "verification_uri": "https://microsoft.com/devicelogin", "interval": self.interval,
            }));
        }
        let grant = form.get("grant_type").map(String::as_str).unwrap_or_default();
        let result = match grant {
            "client_credentials" => self.client(server, form).map(|()| self.user.clone()),
            "refresh_token" => self.refresh(form),
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => self.service_account(server, form),
            "urn:ietf:params:oauth:grant-type:device_code" => self.device(),
            "authorization_code" => self.browser(server, form),
            _ => Err(Reply::error(400, "unsupported_grant_type", "")),
        };
        match result {
            Err(reply) => reply,
            Ok(user) => self.give(&user, grant.ends_with("_code") || grant == "refresh_token"),
        }
    }

    fn give(&mut self, user: &str, with_refresh: bool) -> Reply {
        self.given += 1;
        let token = format!("access-{CANARY}-{}", self.given);
        self.tokens.insert(token.clone(), user.to_owned());
        let mut body =
            json!({ "token_type": "Bearer", "expires_in": self.expires_in, "access_token": token });
        if with_refresh && (self.rotates || self.refresh.is_none()) {
            let refresh = format!("refresh-{CANARY}-{}", self.given);
            body["refresh_token"] = json!(refresh);
            self.refresh = Some(refresh);
        }
        good(body)
    }

    fn client(&self, server: &TokenServer, form: &BTreeMap<String, String>) -> Result<(), Reply> {
        if let Some(assertion) = form.get("client_assertion") {
            let (header, claims) = self.verified(assertion)?;
            let right = claims["aud"] == server.url("/token")
                && claims["iss"] == form["client_id"]
                && claims["sub"] == form["client_id"]
                && claims["jti"].as_str().is_some_and(|jti| jti.len() > 10)
                && header["x5t#S256"].as_str().is_some_and(|digest| digest.len() == 43);
            return if right { Ok(()) } else { Err(Reply::error(401, "invalid_client", "AADSTS700027: no")) };
        }
        if form.get("client_secret") == Some(&self.client_secret) {
            return Ok(());
        }
        Err(Reply::error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided."))
    }

    fn refresh(&self, form: &BTreeMap<String, String>) -> Result<String, Reply> {
        if form.get("refresh_token").is_some() && form.get("refresh_token") == self.refresh.as_ref() {
            return Ok(self.user.clone());
        }
        Err(Reply::error(400, "invalid_grant", "AADSTS50173: The provided grant has expired."))
    }

    fn service_account(
        &self,
        server: &TokenServer,
        form: &BTreeMap<String, String>,
    ) -> Result<String, Reply> {
        let (header, claims) =
            self.verified(form.get("assertion").map(String::as_str).unwrap_or_default())?;
        if claims["iss"] != "robot@project.iam.example"
            || claims["aud"] != server.url("/token")
            || header["kid"] != "key-1"
        {
            return Err(Reply::error(400, "invalid_grant", "Invalid JWT Signature."));
        }
        match claims["sub"].as_str() {
            Some("vreemd") => Err(Reply::error(400, "invalid_grant", "Invalid email or User ID")),
            Some(user) => Ok(user.to_owned()),
            None => Err(Reply::error(401, "unauthorized_client", "")),
        }
    }

    fn browser(&mut self, server: &TokenServer, form: &BTreeMap<String, String>) -> Result<String, Reply> {
        self.client(server, form)?;
        let (code, challenge) = self.code.take().ok_or_else(|| Reply::error(400, "invalid_grant", ""))?;
        let verifier = form.get("code_verifier").map(Sha256::digest).unwrap_or_default();
        if form.get("code") == Some(&code) && URL_SAFE_NO_PAD.encode(verifier) == challenge {
            return Ok(self.user.clone());
        }
        Err(Reply::error(400, "invalid_grant", ""))
    }

    fn device(&mut self) -> Result<String, Reply> {
        match self.polls.pop_front() {
            Some(error) => Err(Reply::error(400, error, "")),
            None => Ok(self.user.clone()),
        }
    }

    /// Header and claims of a statement that the test's key signed and that counts by this clock.
    fn verified(&self, token: &str) -> Result<(Value, Value), Reply> {
        let wrong = || Reply::error(400, "invalid_grant", "Invalid JWT Signature.");
        let (stated, signature) = token.rsplit_once('.').ok_or_else(wrong)?;
        let (header, claims) = stated.split_once('.').ok_or_else(wrong)?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong());
        let json = |text: &str| serde_json::from_slice(&bytes(text)?).map_err(|_| wrong());
        let (header, claims): (Value, Value) = (json(header)?, json(claims)?);
        // As their providers document them: PS256 with a certificate, RS256 for a service account.
        let algorithm: &dyn VerificationAlgorithm = match (header["alg"].as_str(), header["kid"].is_string())
        {
            (Some("PS256"), false) => &RSA_PSS_2048_8192_SHA256,
            (Some("RS256"), true) => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(wrong()),
        };
        UnparsedPublicKey::new(algorithm, public_key())
            .verify(stated.as_bytes(), &bytes(signature)?)
            .map_err(|_| wrong())?;
        let now = self.now().timestamp();
        let (from, to) = (claims["iat"].as_i64().unwrap_or(0), claims["exp"].as_i64().unwrap_or(0));
        if from > now || to < now || to - from > 3600 {
            let told =
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
            return Err(Reply::error(400, "invalid_grant", told));
        }
        Ok((header, claims))
    }
}

#[expect(clippy::disallowed_methods, reason = "the server's own clock")]
fn system_time() -> SystemTime {
    SystemTime::now()
}

fn good(body: Value) -> Reply {
    Reply { status: 200, body, ..Reply::default() }
}

/// A key that was made for these tests and opens nothing.
pub fn key_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/support/keys/key.pem")
}

/// Its certificate.
pub fn certificate_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/support/keys/certificate.pem")
}

fn public_key() -> Vec<u8> {
    let PrivateKeyDer::Pkcs8(der) = PrivateKeyDer::from_pem_file(key_file()).unwrap() else { panic!() };
    RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap().public_key().as_ref().to_vec()
}

fn decoded(form: &str) -> BTreeMap<String, String> {
    let plain = |text: &str| {
        let mut out = Vec::new();
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'%' => {
                    let hex: String = bytes.by_ref().take(2).map(char::from).collect();
                    out.push(u8::from_str_radix(&hex, 16).unwrap());
                }
                b'+' => out.push(b' '),
                byte => out.push(byte),
            }
        }
        String::from_utf8(out).unwrap()
    };
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (plain(key), plain(value))).collect()
}
