//! What is asked of the token endpoint, for each grant. Secrets and keys are read anew each time.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::assertion::{self, Algorithm, Key};
use super::{Failure, Hidden, Wanted};
use crate::config::{ClientProof, Endpoint, Grant, OAuth, Provider};
use crate::mail::secret;

/// RFC 7523 §2.1 and §2.2
const BY_ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Fields of a form.
pub type Form = Vec<(&'static str, String)>;

/// What proves who we are, as it is on the disk now.
#[derive(Debug)]
pub struct Proof {
    kind: Kind,
    /// Tells whether somebody put something else there.
    pub digest: [u8; 32],
}

#[derive(Debug)]
enum Kind {
    None,
    Secret(Hidden),
    Key(Key),
    /// Key, the account that it is of.
    Account(Key, String),
}

impl Proof {
    /// Reads it.
    pub fn read(oauth: &OAuth) -> Result<Self, Failure> {
        let mut digest = Sha256::new();
        let kind = match &oauth.grant {
            Grant::ClientCredentials(client) | Grant::RefreshToken { client, .. } => {
                of_client(client, oauth.provider, &mut digest)?
            }
            Grant::ServiceAccount { key_file } => {
                let bytes = read(key_file)?;
                digest.update(&bytes);
                account(&bytes, key_file)?
            }
        };
        Ok(Self { kind, digest: digest.finalize().into() })
    }

    /// Is the time of day part of what is asked?
    pub fn is_dated(&self) -> bool {
        matches!(self.kind, Kind::Key(_) | Kind::Account(..))
    }

    /// What shows that we are the application.
    pub fn of_client(&self, oauth: &OAuth, at: &Endpoint, now: DateTime<Utc>) -> Result<Form, Failure> {
        let mut form = vec![("client_id", oauth.client_id.clone())];
        match &self.kind {
            Kind::Secret(secret) => form.push(("client_secret", secret.reveal().to_owned())),
            Kind::Key(key) => {
                let claims = json!({
                    "aud": at.url(), "iss": oauth.client_id, "sub": oauth.client_id,
                    "jti": assertion::number()?,
                });
                form.push(("client_assertion_type", CLIENT_ASSERTION.to_owned()));
                form.push(("client_assertion", key.sign(claims, now)?));
            }
            Kind::None | Kind::Account(..) => {}
        }
        Ok(form)
    }
}

/// The question for an access token. `refresh`: where the grant needs one.
pub fn form(
    wanted: &Wanted,
    proof: &Proof,
    refresh: Option<&Hidden>,
    now: DateTime<Utc>,
) -> Result<Form, Failure> {
    let oauth = &wanted.oauth;
    let endpoint = &oauth.token_endpoint;
    let scopes = oauth.scopes.join(" ");
    if let Kind::Account(key, account) = &proof.kind {
        let mut claims = json!({ "iss": account, "aud": endpoint.url() });
        if !scopes.is_empty() {
            claims["scope"] = json!(scopes);
        }
        if let Some(subject) = &wanted.subject {
            claims["sub"] = json!(subject);
        }
        return Ok(vec![("grant_type", BY_ASSERTION.to_owned()), ("assertion", key.sign(claims, now)?)]);
    }
    let mut form = proof.of_client(oauth, endpoint, now)?;
    match refresh {
        Some(token) => {
            form.push(("grant_type", "refresh_token".to_owned()));
            form.push(("refresh_token", token.reveal().to_owned()));
        }
        None => form.push(("grant_type", "client_credentials".to_owned())),
    }
    // Google takes no scope with a refresh token that it gave out for another spelling of it.
    let of_google = refresh.is_some() && oauth.provider == Provider::Google;
    if !scopes.is_empty() && !of_google {
        form.push(("scope", scopes));
    }
    Ok(form)
}

fn of_client(client: &ClientProof, provider: Provider, digest: &mut Sha256) -> Result<Kind, Failure> {
    match client {
        ClientProof::None => Ok(Kind::None),
        ClientProof::Secret(place) => {
            let secret = secret::read(place)?;
            digest.update(&secret);
            Ok(Kind::Secret(Hidden::new(secret)))
        }
        ClientProof::Key { key_file, certificate_file } => {
            let pem = read(key_file)?;
            digest.update(&pem);
            let named = match certificate_file {
                Some(file) => {
                    let certificate = read(file)?;
                    digest.update(&certificate);
                    let thumbprint = assertion::thumbprint(&certificate).ok_or_else(|| {
                        Failure::permanent(format!("{} holds no certificate in PEM form", file.display()))
                    })?;
                    ("x5t#S256", thumbprint)
                }
                None => ("typ", "JWT".to_owned()),
            };
            let algorithm = if provider == Provider::Microsoft { Algorithm::Ps256 } else { Algorithm::Rs256 };
            Ok(Kind::Key(Key::from_pem(&pem, algorithm, named, key_file)?))
        }
    }
}

/// The JSON that Google hands out with a service account.
fn account(bytes: &[u8], place: &Path) -> Result<Kind, Failure> {
    let bad = |why: &str| {
        Failure::permanent(format!(
            "{} is no key of a service account: {why}; make one at console.cloud.google.com > IAM & Admin > \
             Service Accounts > Keys > Add key > JSON",
            place.display()
        ))
    };
    let whole: Value = serde_json::from_slice(bytes).map_err(|_| bad("it is no JSON"))?;
    let text = |key: &str| whole.get(key).and_then(Value::as_str);
    let (Some(pem), Some(account)) = (text("private_key"), text("client_email")) else {
        return Err(bad("private_key or client_email is missing"));
    };
    let named = ("kid", text("private_key_id").unwrap_or_default().to_owned());
    Ok(Kind::Account(Key::from_pem(pem.as_bytes(), Algorithm::Rs256, named, place)?, account.to_owned()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::permanent(format!("{} cannot be read: {error}", path.display())))
}
