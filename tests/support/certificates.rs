//! A private certificate authority, and a certificate of `localhost` that it signed.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{Datelike as _, TimeDelta};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use triaged::clock::Clock;

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    Expired,
    /// It is another server's.
    OtherHost,
}

/// Files in PEM form, in a folder of their own.
#[derive(Debug)]
pub struct Certificates {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Certificates {
    pub fn new() -> Self {
        Self::with(None)
    }

    pub fn with(flaw: Option<Flaw>) -> Self {
        let certificates = Self::authority();
        certificates.issue(flaw);
        certificates
    }

    /// One for these names, good from and up to so many days from now.
    pub fn of(names: &[&str], days: (i64, i64)) -> Self {
        let certificates = Self::authority();
        certificates.issue_of(names, days);
        certificates
    }

    fn authority() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_key = KeyPair::generate().unwrap();
        let ca = params.self_signed(&ca_key).unwrap();
        fs::write(folder.path().join("ca.pem"), ca.pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, ca_key) }
    }

    /// Signs another one of the server, in the place of the old one.
    pub fn issue(&self, flaw: Option<Flaw>) {
        match flaw {
            None => self.issue_of(&["localhost", "127.0.0.1"], (-1, 3650)),
            Some(Flaw::Expired) => self.issue_of(&["localhost", "127.0.0.1"], (-90, -2)),
            Some(Flaw::OtherHost) => self.issue_of(&["elders.example"], (-1, 3650)),
        }
    }

    fn issue_of(&self, names: &[&str], (from, to): (i64, i64)) {
        let key = KeyPair::generate().unwrap();
        let mut params =
            CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        let midnight = |days| {
            let day = (Clock::system().now() + TimeDelta::days(days)).date_naive();
            date_time_ymd(day.year(), u8::try_from(day.month()).unwrap(), u8::try_from(day.day()).unwrap())
        };
        (params.not_before, params.not_after) = (midnight(from), midnight(to));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.certificate(), certificate.pem()).unwrap();
        fs::write(self.key(), key.serialize_pem()).unwrap();
    }

    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("server.key")
    }

    /// For a server in the test itself.
    pub fn server_config(&self) -> Arc<rustls::ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certificate = CertificateDer::from_pem_file(self.certificate()).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.key()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Arc::new(config)
    }
}
