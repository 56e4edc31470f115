//! Signed statements about who we are (RFC 7523): JSON Web Tokens (RFC 7519) by RS256 or PS256. The
//! signature is ring's.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Failure;

/// How long a statement counts. Short: it is used at once.
const LIFE: TimeDelta = TimeDelta::minutes(5);

/// A clock that is a little behind must not take it for one from the future.
const SLACK: TimeDelta = TimeDelta::seconds(10);

/// How a statement is signed (RFC 7518 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// What everybody understands, and the only one that Google takes.
    Rs256,
    /// What Microsoft documents.
    Ps256,
}

/// A key that signs, and how it is called.
pub struct Key {
    pair: RsaKeyPair,
    algorithm: Algorithm,
    /// Goes into the header beside `alg`.
    named: (&'static str, String),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A private key in PEM form; `named` says which it is.
    pub fn from_pem(
        pem: &[u8],
        algorithm: Algorithm,
        named: (&'static str, String),
        place: &Path,
    ) -> Result<Self, Failure> {
        let bad =
            |why: &str| Failure::permanent(format!("the key in {} cannot be used: {why}", place.display()));
        let der =
            PrivateKeyDer::from_pem_slice(pem).map_err(|_| bad("it holds no private key in PEM form"))?;
        let pair = match &der {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(bad("it is no RSA key")),
        };
        let pair = pair.map_err(|_| bad("an RSA key of 2048 to 4096 bits is needed"))?;
        Ok(Self { pair, algorithm, named })
    }

    /// The statement that `claims` are true now.
    pub fn sign(&self, claims: Value, now: DateTime<Utc>) -> Result<String, Failure> {
        let (name, value) = &self.named;
        let (word, padding): (_, &dyn RsaEncoding) = match self.algorithm {
            Algorithm::Rs256 => ("RS256", &RSA_PKCS1_SHA256),
            Algorithm::Ps256 => ("PS256", &RSA_PSS_SHA256),
        };
        let mut header = json!({ "alg": word, "typ": "JWT" });
        header[*name] = json!(value);
        let mut claims = claims;
        let issued = now - SLACK;
        claims["iat"] = json!(issued.timestamp());
        claims["nbf"] = json!(issued.timestamp());
        claims["exp"] = json!((issued + LIFE).timestamp());
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let stated = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(padding, &SystemRandom::new(), stated.as_bytes(), &mut signature)
            .map_err(|_| Failure::temporary("nothing can be signed: the system gives no random numbers"))?;
        Ok(format!("{stated}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// `x5t#S256` (RFC 7515 §4.1.8): the digest by which a certificate is known.
pub fn thumbprint(pem: &[u8]) -> Option<String> {
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    Some(URL_SAFE_NO_PAD.encode(Sha256::digest(&der)))
}

/// A number that no other statement has (RFC 7519 §4.1.7).
pub fn number() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| Failure::temporary("nothing can be signed: the system gives no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
