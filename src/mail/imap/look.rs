//! What `check --online` asks a server beyond what the daemon needs: whether IDLE really works, and
//! how full the mailbox is.

use std::time::Duration;

use async_imap::imap_proto::Response;

use super::{ImapSource, name};
use crate::mail::Failure;

/// How full a mailbox is (RFC 9208), in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub used: u64,
    pub limit: u64,
}

impl ImapSource {
    /// Begins an IDLE in the open folder and ends it. `false`: the server has none.
    ///
    /// # Errors
    /// Where the server says that it can and then does not.
    pub async fn idles(&mut self) -> Result<bool, Failure> {
        let mut line = self.at_folder().await?;
        if !line.can_idle() {
            self.line = Some(line);
            return Ok(false);
        }
        // What was announced before is not what is asked about.
        line.news = false;
        let idled = line.idle(Duration::from_millis(100)).await;
        if !line.is_torn() {
            self.line = Some(line);
        }
        idled
            .map(|()| true)
            .map_err(|fault| fault.failure(&self.config.server.host, "to wait for mail (IDLE)"))
    }

    /// How full the mailbox is; `None`: the server does not tell, or there is no limit.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn quota(&mut self, folder: &str) -> Result<Option<Quota>, Failure> {
        let mut line = self.connected().await?;
        if !line.capabilities.iter().any(|can| can == "QUOTA") {
            self.line = Some(line);
            return Ok(None);
        }
        let mut fullest: Option<Quota> = None;
        let asked = line
            .command(&format!("GETQUOTAROOT {}", name::quoted(folder)), |response| {
                let Response::Quota(quota) = response else { return };
                // The parser keeps the type of the name to itself.
                let is_storage = |name: String| name == "Storage";
                let sizes = quota.resources.iter().filter(|one| is_storage(format!("{:?}", one.name)));
                for one in sizes.filter(|one| one.limit > 0) {
                    let found = Quota { used: one.usage, limit: one.limit };
                    let fuller = |other: Quota| found.used * other.limit > other.used * found.limit;
                    if fullest.is_none_or(fuller) {
                        fullest = Some(found);
                    }
                }
            })
            .await;
        if !line.is_torn() {
            self.line = Some(line);
        }
        asked.map_err(|fault| fault.failure(&self.config.server.host, "to say how full the mailbox is"))?;
        Ok(fullest)
    }
}
