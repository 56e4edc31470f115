//! `[oauth.NAME]`: where access tokens come from, for servers that take no password.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use super::build::{Builder, at};
use super::file::{AuthWord, ConfigFile};
use super::file_oauth::{GrantWord, OAuthFile, ProviderWord};
use super::words;
use super::{Secret, Security, Server};
use crate::document::nearest;
use crate::triage::fault::Place;

/// How to prove at a mail server who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    Password(Secret),
    /// An access token of this source.
    OAuth(Arc<OAuth>),
}

/// `[oauth.NAME]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OAuth {
    pub name: String,
    pub provider: Provider,
    /// The application; empty where the key of a service account names it.
    pub client_id: String,
    pub grant: Grant,
    /// What is asked for; may be empty.
    pub scopes: Vec<String>,
    pub token_endpoint: Endpoint,
    /// The day on which the client secret or the certificate ends.
    pub secret_expires: Option<NaiveDate>,
}

/// Whose manners and portal pages apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    Microsoft,
    Google,
    Custom,
}

/// How a token is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Grant {
    /// The application itself (RFC 6749 §4.4).
    ClientCredentials(ClientProof),
    /// A person who signed in once with `triaged login` (RFC 6749 §6).
    RefreshToken {
        client: ClientProof,
        sign_in: SignIn,
        /// The refresh token. Its folder is private.
        store: PathBuf,
    },
    /// A service account that acts for the mailbox's user (RFC 7523): the key as Google hands it out.
    ServiceAccount { key_file: PathBuf },
}

/// How a person signs in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SignIn {
    /// A code is typed at a page, which may be open on any machine (RFC 8628). Asked for here.
    Device(Endpoint),
    /// This page sends the browser back to the machine on which `triaged login` runs (RFC 8252).
    Browser(Endpoint),
}

/// How the application proves that it is the one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ClientProof {
    /// A public client: not at all.
    None,
    Secret(Secret),
    /// A signed assertion (RFC 7523 §2.2); the certificate says which key.
    Key {
        key_file: PathBuf,
        certificate_file: Option<PathBuf>,
    },
}

/// A page that is asked by POST.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    pub server: Server,
    /// With its leading `/`.
    pub path: String,
}

impl Endpoint {
    /// As it was configured.
    pub fn url(&self) -> String {
        let (scheme, standard) =
            if self.server.security == Security::None { ("http", 80) } else { ("https", 443) };
        let port =
            if self.server.port == standard { String::new() } else { format!(":{}", self.server.port) };
        format!("{scheme}://{}{port}{}", self.server.host, self.path)
    }
}

/// What stands beside `auth` where a login is described.
pub(super) struct AuthKeys<'a> {
    pub auth: AuthWord,
    pub oauth: Option<&'a String>,
    pub has_password: bool,
}

/// Where Microsoft gives out tokens.
const MICROSOFT: &str = "https://login.microsoftonline.com";
const GOOGLE_TOKEN: &str = "https://oauth2.googleapis.com/token";
/// Its device flow knows no scope of mail.
const GOOGLE_PAGE: &str = "https://accounts.google.com/o/oauth2/v2/auth";

impl Builder {
    /// Every `[oauth.NAME]`, and a warning for one that nothing uses.
    pub(super) fn oauths(&mut self, raw: &ConfigFile) -> Vec<Arc<OAuth>> {
        let used = raw.mailbox.iter().filter_map(|mailbox| mailbox.imap.as_ref()?.oauth.as_ref());
        let relay = raw.alarm.as_ref().and_then(|alarm| alarm.smtp.as_ref());
        let sending = raw.smtp.iter().chain(relay).filter_map(|smtp| smtp.oauth.as_ref());
        let used: Vec<&String> = used.chain(sending).collect();
        let mut list = Vec::new();
        for (name, file) in &raw.oauth {
            let here = at("oauth").key(name);
            self.name(name, &here);
            if !used.contains(&name) {
                let remedy = format!("write oauth = \"{name}\" where it is needed, or take it away");
                self.remarks.warn(&here, "nothing uses this", remedy);
            }
            list.push(Arc::new(self.oauth(name, file, &raw.database, &here)));
        }
        list
    }

    fn oauth(&mut self, name: &str, file: &OAuthFile, database: &str, here: &Place) -> OAuth {
        self.tenant(file, here);
        let token_endpoint = self.token_endpoint(file, here);
        let client_id = file.client_id.clone().unwrap_or_default();
        if client_id.trim().is_empty() && file.grant != GrantWord::ServiceAccount {
            self.remarks.fault(here, "nothing says which application this is", "add client_id = \"...\"");
        }
        let secret_expires = file.secret_expires.as_ref().and_then(|text| {
            let day = words::day(text);
            if day.is_none() {
                let place = here.clone().key("secret_expires");
                self.remarks.fault(&place, "there is no such day", "write it as \"2026-05-15\"");
            }
            day
        });
        OAuth {
            name: name.to_owned(),
            provider: match file.provider {
                ProviderWord::Microsoft => Provider::Microsoft,
                ProviderWord::Google => Provider::Google,
                ProviderWord::Custom => Provider::Custom,
            },
            client_id,
            grant: self.grant(name, file, database, here),
            scopes: file.scopes.clone().unwrap_or_else(|| usual_scopes(file)),
            token_endpoint,
            secret_expires,
        }
    }

    fn tenant(&mut self, file: &OAuthFile, here: &Place) {
        let whole = file.token_endpoint.is_some();
        match &file.tenant {
            Some(tenant) => {
                let place = here.clone().key("tenant");
                if tenant.is_empty()
                    || !tenant.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
                {
                    let remedy = "the id of the directory, such as \"8eaef023-2b34-4da1-9baa-8bc8c9d6a490\", or its domain";
                    self.remarks.fault(&place, "this is no tenant", remedy);
                }
            }
            None if file.provider == ProviderWord::Microsoft && !whole => {
                let remedy =
                    "add tenant = \"...\": the Directory (tenant) ID on the application's Overview page";
                self.remarks.fault(here, "nothing says which tenant of Microsoft this is", remedy);
            }
            None => {}
        }
    }

    fn token_endpoint(&mut self, file: &OAuthFile, here: &Place) -> Endpoint {
        let tenant = file.tenant.as_deref().unwrap_or_default();
        let usual = match file.provider {
            ProviderWord::Microsoft => Some(format!("{MICROSOFT}/{tenant}/oauth2/v2.0/token")),
            ProviderWord::Google => Some(GOOGLE_TOKEN.to_owned()),
            ProviderWord::Custom => None,
        };
        let place = here.clone().key("token_endpoint");
        let url = file.token_endpoint.clone().or(usual).unwrap_or_else(|| {
            let remedy = "add token_endpoint = \"https://...\"";
            self.remarks.fault(here, "nothing says where tokens are given out", remedy);
            "https://localhost/".to_owned()
        });
        self.endpoint(&url, file, &place)
    }

    fn sign_in(&mut self, file: &OAuthFile, here: &Place) -> SignIn {
        let tenant = file.tenant.as_deref().unwrap_or_default();
        if let Some(url) = &file.device_endpoint {
            return SignIn::Device(self.endpoint(url, file, &here.clone().key("device_endpoint")));
        }
        let page = here.clone().key("authorization_endpoint");
        match (&file.authorization_endpoint, file.provider) {
            (Some(url), _) => SignIn::Browser(self.endpoint(url, file, &page)),
            (None, ProviderWord::Google) => SignIn::Browser(self.endpoint(GOOGLE_PAGE, file, &page)),
            (None, ProviderWord::Microsoft) if !tenant.is_empty() => {
                let url = format!("{MICROSOFT}/{tenant}/oauth2/v2.0/devicecode");
                SignIn::Device(self.endpoint(&url, file, &here.clone().key("tenant")))
            }
            // A tenant that is not named stands in an endpoint of one's own.
            (None, ProviderWord::Microsoft | ProviderWord::Custom) => {
                let remedy = "add device_endpoint = \"https://...\", or authorization_endpoint";
                self.remarks.fault(here, "nothing says where `triaged login` signs in", remedy);
                SignIn::Device(self.endpoint("https://localhost/", file, &page))
            }
        }
    }

    /// `https://host[:port]/path`; `http` on this machine only. No login and no question in it.
    fn endpoint(&mut self, url: &str, file: &OAuthFile, place: &Place) -> Endpoint {
        let ca_file = file.ca_file.as_ref().map(|file| self.folder.join(file));
        let read = read_endpoint(url, ca_file);
        match read {
            Some(endpoint)
                if endpoint.server.security == Security::None
                    && !words::is_loopback(&endpoint.server.host) =>
            {
                let what = "in the clear, secrets and tokens could be read on the way";
                self.remarks.fault(place, what, "write https://");
                endpoint
            }
            Some(endpoint) => endpoint,
            None => {
                self.remarks.fault(
                    place,
                    "this is no address of a page",
                    "such as \"https://login.example.nl/token\"",
                );
                let server = Server { host: String::new(), port: 0, security: Security::Tls, ca_file: None };
                Endpoint { server, path: String::new() }
            }
        }
    }

    fn grant(&mut self, name: &str, file: &OAuthFile, database: &str, here: &Place) -> Grant {
        let place = here.clone().key("grant");
        match (file.grant, file.provider) {
            (GrantWord::ClientCredentials, ProviderWord::Google) => {
                let remedy = "write \"service_account\", or \"refresh_token\" for one account";
                self.remarks.fault(&place, "Google gives an application no token of its own", remedy);
            }
            (GrantWord::ServiceAccount, ProviderWord::Microsoft) => {
                let remedy = "write \"client_credentials\", or \"refresh_token\" for one account";
                self.remarks.fault(&place, "Microsoft has no service accounts of this kind", remedy);
            }
            _ => {}
        }
        match file.grant {
            GrantWord::ClientCredentials => {
                let proof = self.proof(file, here);
                if proof == ClientProof::None {
                    let remedy = "add secret_file = \"...\" or secret_env = \"...\", or key_file and certificate_file; \
                                  the secret itself never stands here";
                    self.remarks.fault(here, "nothing says where the application's secret is", remedy);
                }
                Grant::ClientCredentials(proof)
            }
            GrantWord::RefreshToken => {
                let mut folder = self.folder.join(database).into_os_string();
                folder.push(".tokens");
                Grant::RefreshToken {
                    client: self.proof(file, here),
                    sign_in: self.sign_in(file, here),
                    store: PathBuf::from(folder).join(name),
                }
            }
            GrantWord::ServiceAccount => {
                let Some(key) = &file.service_account_file else {
                    let remedy = "add service_account_file = \"...\": the JSON key of the service account";
                    self.remarks.fault(here, "nothing says where the key of the service account is", remedy);
                    return Grant::ServiceAccount { key_file: PathBuf::new() };
                };
                Grant::ServiceAccount { key_file: self.path(key, &here.clone().key("service_account_file")) }
            }
        }
    }

    fn proof(&mut self, file: &OAuthFile, here: &Place) -> ClientProof {
        let given = [&file.secret_file, &file.secret_env, &file.key_file];
        if given.iter().filter(|key| key.is_some()).count() > 1 {
            let remedy = "keep one of secret_file, secret_env and key_file";
            self.remarks.fault(here, "the application proves itself in two ways", remedy);
        }
        if let Some(secret) = &file.secret_file {
            return ClientProof::Secret(Secret::File(self.path(secret, &here.clone().key("secret_file"))));
        }
        if let Some(variable) = &file.secret_env {
            self.not_empty(variable, &here.clone().key("secret_env"));
            return ClientProof::Secret(Secret::Env(variable.clone()));
        }
        let Some(key) = &file.key_file else { return ClientProof::None };
        if file.certificate_file.is_none() && file.provider == ProviderWord::Microsoft {
            let remedy = "add certificate_file = \"...\": the certificate that you uploaded, in PEM form";
            self.remarks.fault(
                &here.clone().key("key_file"),
                "nothing says which certificate this key is of",
                remedy,
            );
        }
        let certificate_file = file.certificate_file.as_ref();
        ClientProof::Key {
            key_file: self.path(key, &here.clone().key("key_file")),
            certificate_file: certificate_file.map(|file| self.folder.join(file)),
        }
    }

    /// The source of tokens that a login names; `None` where there is none, which is a fault, or where
    /// a password is used.
    pub(super) fn token_source(&mut self, keys: &AuthKeys, here: &Place) -> Option<Arc<OAuth>> {
        let place = here.clone().key("oauth");
        if keys.auth == AuthWord::Password {
            if keys.oauth.is_some() {
                let what = "the login is by password, so this is not used";
                self.remarks.fault(&place, what, "add auth = \"oauth\", or take it away");
            }
            return None;
        }
        if keys.has_password {
            let what = "the login is by OAuth, so there is no password";
            self.remarks.fault(here, what, "take password_file or password_env away");
        }
        let names: Vec<&str> = self.oauths.iter().map(|oauth| oauth.name.as_str()).collect();
        let Some(wanted) = keys.oauth else {
            let remedy = match names.as_slice() {
                [] => "describe it in [oauth.NAME] and add oauth = \"NAME\"".to_owned(),
                names => format!("add oauth = \"{}\"", names.join("\" or \"")),
            };
            self.remarks.fault(&here.clone().key("auth"), "nothing says where the token comes from", remedy);
            return None;
        };
        let found = self.oauths.iter().find(|oauth| oauth.name == *wanted).cloned();
        if found.is_none() {
            let remedy = match nearest(wanted, names.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("describe it in [oauth.{wanted}]"),
            };
            self.remarks.fault(&place, format!("there is no [oauth.{wanted}]"), remedy);
        }
        found
    }
}

fn usual_scopes(file: &OAuthFile) -> Vec<String> {
    let scopes: &[&str] = match (file.provider, file.grant) {
        (ProviderWord::Microsoft, GrantWord::RefreshToken) => &[
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ],
        (ProviderWord::Microsoft, _) => &["https://outlook.office365.com/.default"],
        (ProviderWord::Google, _) => &["https://mail.google.com/"],
        (ProviderWord::Custom, _) => &[],
    };
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

fn read_endpoint(url: &str, ca_file: Option<PathBuf>) -> Option<Endpoint> {
    let (security, rest) = match url.split_once("://")? {
        ("https", rest) => (Security::Tls, rest),
        ("http", rest) => (Security::None, rest),
        _ => return None,
    };
    let good = |c: char| c.is_ascii_graphic() && !"?#\"<>\\^`{|}@".contains(c);
    if !rest.chars().all(good) {
        return None;
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let standard = if security == Security::Tls { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0)?),
        None => (authority, standard),
    };
    let server = Server { host: host.to_owned(), port, security, ca_file };
    (!host.is_empty()).then(|| Endpoint { server, path: format!("/{path}") })
}
