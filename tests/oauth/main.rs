//! Access tokens: from a token server that answers as the providers document theirs, to a real Dovecot
//! that asks it about each.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod daemon;
mod life;
mod manners;
#[path = "../support/mod.rs"]
mod support;
mod wires;

use std::fs;
use std::sync::Arc;

use chrono::TimeDelta;
use support::TokenServer;
use support::token_server::{CANARY, key_file};
use triaged::clock::Clock;
use triaged::config::{ClientProof, Endpoint, Grant, OAuth, Provider, Secret, Security, Server, SignIn};
use triaged::mail::oauth::{Tokens, Wanted};

/// A folder with what proves who we are.
struct Here {
    server: TokenServer,
    folder: tempfile::TempDir,
    clock: Clock,
}

impl Here {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = Self { server: TokenServer::start(), folder, clock: Clock::system() };
        fs::write(here.path("secret"), format!("geheim-{CANARY}\n")).unwrap();
        here
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn endpoint(&self, path: &str) -> Endpoint {
        let server = Server {
            host: "127.0.0.1".into(),
            port: self.server.port,
            security: Security::None,
            ca_file: None,
        };
        Endpoint { server, path: path.into() }
    }

    fn wanted(&self, provider: Provider, grant: Grant) -> Wanted {
        let oauth = OAuth {
            name: "ms".into(),
            provider,
            client_id: "app".into(),
            grant,
            scopes: vec!["mail".into()],
            token_endpoint: self.endpoint("/token"),
            secret_expires: None,
        };
        Wanted::new(&Arc::new(oauth), "klacht")
    }

    /// An application with a secret.
    fn application(&self) -> Wanted {
        let secret = ClientProof::Secret(Secret::File(self.path("secret")));
        self.wanted(Provider::Microsoft, Grant::ClientCredentials(secret))
    }

    /// A person who signed in.
    fn person(&self) -> Wanted {
        let grant = Grant::RefreshToken {
            client: ClientProof::None,
            sign_in: SignIn::Device(self.endpoint("/device")),
            store: self.path("triaged.db.tokens/ms"),
        };
        self.wanted(Provider::Microsoft, grant)
    }

    /// The same with a refresh token that counts.
    fn signed_in(&self) -> Wanted {
        let refresh = format!("refresh-{CANARY}-0");
        fs::create_dir_all(self.path("triaged.db.tokens")).unwrap();
        fs::write(self.path("triaged.db.tokens/ms"), &refresh).unwrap();
        self.server.state().refresh = Some(refresh);
        self.person()
    }

    /// A service account that acts for `user`.
    fn robot(&self, user: &str) -> Wanted {
        let key = serde_json::json!({
            "type": "service_account", "private_key_id": "key-1",
            "client_email": "robot@project.iam.example", "private_key": fs::read_to_string(key_file()).unwrap(),
        });
        fs::write(self.path("google.json"), key.to_string()).unwrap();
        let grant = Grant::ServiceAccount { key_file: self.path("google.json") };
        let wanted = self.wanted(Provider::Google, grant);
        Wanted::new(&wanted.oauth, user)
    }

    fn tokens(&self) -> Tokens {
        Tokens::new(self.clock.clone())
    }

    fn later(&self, time: TimeDelta) {
        self.clock.jump(self.clock.now() + time);
    }

    fn kept(&self) -> String {
        fs::read_to_string(self.path("triaged.db.tokens/ms")).unwrap().trim().to_owned()
    }
}
