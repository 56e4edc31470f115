//! The envelope of a mail (RFC 5321 §2.3.1), and what the server must be able to do for it.

use lettre::Address;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};

use crate::mail::Sent;

/// From whom and to whom; no sender is the null return path.
pub struct Envelope {
    pub from: Option<Address>,
    pub to: Address,
}

impl Envelope {
    /// # Errors
    /// An address that cannot be used.
    pub fn new(from: &str, to: &str) -> Result<Self, Sent> {
        let refused = |what: &str, recipient| Sent::Refused { what: what.to_owned(), recipient };
        let from = match from {
            "" => None,
            from => Some(
                from.parse().map_err(|_| refused("the sender's address cannot be used in SMTP", false))?,
            ),
        };
        let to = to.parse().map_err(|_| refused("the recipient's address cannot be used in SMTP", true))?;
        Ok(Self { from, to })
    }

    /// What the MAIL command has to say beside the address.
    ///
    /// # Errors
    /// The server cannot send such a mail.
    pub fn parameters(
        &self,
        connection: &AsyncSmtpConnection,
        bytes: &[u8],
    ) -> Result<Vec<MailParameter>, Sent> {
        let mut parameters = Vec::new();
        let offers = |extension| connection.server_info().supports_feature(extension);
        let foreign = |address: &Address| !AsRef::<str>::as_ref(address).is_ascii();
        // RFC 6531 §3.3
        if foreign(&self.to) || self.from.as_ref().is_some_and(foreign) {
            if !offers(Extension::SmtpUtfEight) {
                let what =
                    "the server cannot send to addresses with letters beyond ASCII (SMTPUTF8)".to_owned();
                return Err(Sent::Refused { what, recipient: foreign(&self.to) });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        // RFC 6152 §3
        if !bytes.is_ascii() {
            if !offers(Extension::EightBitMime) {
                let what = "the server takes no 8-bit mail (8BITMIME): use another server".to_owned();
                return Err(Sent::Deferred { what });
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_would_break_the_dialogue_is_refused() {
        let sent = Envelope::new("a@b.nl", "c@d.nl>\r\nRCPT TO:<e@f.nl").err().unwrap();
        assert!(matches!(sent, Sent::Refused { recipient: true, .. }));
        let sent = Envelope::new("not an address", "c@d.nl").err().unwrap();
        assert!(matches!(sent, Sent::Refused { recipient: false, .. }));
        assert!(Envelope::new("", "c@d.nl").is_ok_and(|envelope| envelope.from.is_none()));
    }
}
