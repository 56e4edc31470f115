//! What the core must know of the configuration: who is who.

use chrono_tz::Tz;

/// A watched mailbox.
#[derive(Debug, Clone, Default)]
pub struct Mailbox {
    /// Such as `klacht`.
    pub name: String,
    /// Lower case.
    pub address: String,
    /// Id of the inquiry that a mail has here unless its content says otherwise.
    pub inquiry: String,
    /// Lower case addresses.
    pub coordinators: Vec<String>,
}

/// Everything that is the same for every mail.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub mailboxes: Vec<Mailbox>,
    /// Addresses that get alerts about the program itself.
    pub admins: Vec<String>,
    /// Names of our own receivers: only their `Authentication-Results` are believed (RFC 8601 §5).
    pub authserv_ids: Vec<String>,
    /// The zone in which days are reckoned.
    pub time_zone: Tz,
}

impl Surroundings {
    /// The watched mailbox of this name.
    #[must_use]
    pub fn mailbox(&self, name: &str) -> Option<&Mailbox> {
        self.mailboxes.iter().find(|mailbox| mailbox.name == name)
    }

    /// One of the watched addresses.
    #[must_use]
    pub fn is_own(&self, address: &str) -> bool {
        self.mailboxes.iter().any(|mailbox| mailbox.address.eq_ignore_ascii_case(address))
    }

    /// Answers for cases of some mailbox.
    #[must_use]
    pub fn is_coordinator(&self, address: &str) -> bool {
        self.mailboxes.iter().flat_map(|m| &m.coordinators).any(|c| c.eq_ignore_ascii_case(address))
    }

    /// Own, a coordinator or an admin: nobody who writes as a customer.
    #[must_use]
    pub fn is_staff(&self, address: &str) -> bool {
        self.is_own(address)
            || self.is_coordinator(address)
            || self.admins.iter().any(|a| a.eq_ignore_ascii_case(address))
    }

    /// The mailbox whose coordinators answer for an inquiry, else the one named.
    #[must_use]
    pub fn mailbox_for<'a>(&'a self, inquiry: &str, else_name: &str) -> Option<&'a Mailbox> {
        self.mailboxes
            .iter()
            .find(|mailbox| mailbox.inquiry == inquiry)
            .or_else(|| self.mailbox(else_name))
            .or_else(|| self.mailboxes.first())
    }
}
