//! How a token is shown to a mail server: XOAUTH2, as Microsoft and Google describe it, and OAUTHBEARER
//! (RFC 7628).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Hidden;

/// A mechanism of SASL that takes a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    XOAuth2,
    OAuthBearer,
}

impl Mechanism {
    /// The better one of those that a server offers: the one that both big providers document first.
    pub fn choose(offers: impl Fn(&str) -> bool) -> Option<Self> {
        [Self::XOAuth2, Self::OAuthBearer].into_iter().find(|mechanism| offers(mechanism.name()))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::XOAuth2 => "XOAUTH2",
            Self::OAuthBearer => "OAUTHBEARER",
        }
    }

    /// The first and only message, before base64.
    pub fn message(self, user: &str, host: &str, port: u16, token: &Hidden) -> Hidden {
        let token = token.reveal();
        Hidden::new(match self {
            Self::XOAuth2 => format!("user={user}\x01auth=Bearer {token}\x01\x01"),
            Self::OAuthBearer => {
                // RFC 5801 §4, saslname
                let user = user.replace('=', "=3D").replace(',', "=2C");
                format!("n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01")
            }
        })
    }

    /// What is answered to an error challenge, before base64, so that the refusal itself is said.
    pub fn resignation(self) -> &'static str {
        match self {
            Self::XOAuth2 => "",
            // RFC 7628 §3.2.3
            Self::OAuthBearer => "\x01",
        }
    }
}

/// What a server said, without the token that it was shown: some repeat what they got.
pub fn without(said: &str, message: &Hidden, token: &Hidden) -> String {
    let message = STANDARD.encode(message.reveal());
    let alone = STANDARD.encode(token.reveal());
    let mut hidden = said.to_owned();
    for word in [message.trim_end_matches('='), token.reveal(), alone.trim_end_matches('=')] {
        hidden = hidden.replace(word, "<token>");
    }
    hidden
}

/// What an error challenge says: the status and nothing else of it.
pub fn status(challenge: &[u8]) -> Option<String> {
    let whole: Value = serde_json::from_slice(challenge).ok()?;
    let status = whole.get("status")?;
    let text = status.as_str().map_or_else(|| status.to_string(), str::to_owned);
    let word: String =
        text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(40).collect();
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_as_the_providers_and_the_rfc_write_it() {
        let token = Hidden::new("vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==");
        let shown = |mechanism: Mechanism, user| mechanism.message(user, "server.example.com", 143, &token);
        // RFC 7628 §4.1
        assert_eq!(
            shown(Mechanism::OAuthBearer, "user@example.com").reveal(),
            "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==\x01\x01"
        );
        assert!(shown(Mechanism::OAuthBearer, "a,b=c").reveal().starts_with("n,a=a=2Cb=3Dc,\x01"));
        assert_eq!(
            shown(Mechanism::XOAuth2, "klacht@ksyos.nl").reveal(),
            "user=klacht@ksyos.nl\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==\x01\x01"
        );
    }

    #[test]
    fn only_the_status_of_a_challenge_is_repeated() {
        let challenge = br#"{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}"#;
        assert_eq!(status(challenge).as_deref(), Some("401"));
        assert_eq!(
            status(br#"{"status":"invalid_token\r\nlog this"}"#).as_deref(),
            Some("invalid_tokenlogthis")
        );
        for none in [&b""[..], b"eyJ", b"{}", b"\xff"] {
            assert_eq!(status(none), None);
        }
    }
}
