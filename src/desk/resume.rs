//! Where the reading of a folder goes on: at its very first start, after a restart, and when the
//! server has numbered its mails anew.

use chrono::{DateTime, NaiveTime, SubsecRound, TimeZone, Utc};

use super::{Desk, Position, Result};
use crate::config::Start;
use crate::mail::FolderState;

/// The UIDVALIDITY of a folder that has not been opened yet. No server has it (RFC 3501 §9: nz-number).
const UNSEEN: u32 = 0;

impl Desk {
    /// The position to go on from in a folder that stands as `state` says; makes the first one, and
    /// begins anew where UIDVALIDITY changed (mails that were handled before are known by their digests).
    pub async fn resume(
        &self,
        mailbox: &str,
        folder: &str,
        state: FolderState,
        start: Start,
    ) -> Result<Position> {
        match self.position(mailbox, folder).await? {
            Some(position) if position.validity == state.validity => Ok(position),
            Some(position) => {
                if position.validity != UNSEEN {
                    tracing::warn!(mailbox, folder, "UIDVALIDITY changed; looking through the folder again");
                }
                self.advance(mailbox, folder, state.validity, 0).await?;
                Ok(Position { validity: state.validity, uid: 0, since: position.renewed, ..position })
            }
            None => {
                let position = self.first_position(state, start);
                self.begin(mailbox, folder, position).await?;
                Ok(position)
            }
        }
    }

    /// A folder that cannot be read at its very first start begins there all the same, at `begun`: a
    /// mail that comes before the password is put right is new. Its UIDs are not known yet, so the
    /// time decides.
    pub async fn begin_unseen(&self, mailbox: &str, folder: &str, begun: DateTime<Utc>) -> Result<()> {
        let begun = begun.trunc_subsecs(0);
        let position = Position { validity: UNSEEN, uid: 0, since: begun, renewed: begun };
        self.begin(mailbox, folder, position).await
    }

    /// Where a mailbox begins at its very first start.
    fn first_position(&self, state: FolderState, start: Start) -> Position {
        let zone = self.0.live.get().config.surroundings.time_zone;
        let (uid, since, renewed) = match start {
            // INTERNALDATE counts whole seconds.
            Start::New => {
                (state.next_uid.saturating_sub(1), DateTime::UNIX_EPOCH, self.0.clock.now().trunc_subsecs(0))
            }
            Start::All => (0, DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH),
            Start::Since(day) => {
                let midnight = zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest();
                let midnight =
                    midnight.map_or_else(|| day.and_time(NaiveTime::MIN).and_utc(), |m| m.to_utc());
                (0, midnight, midnight)
            }
        };
        Position { validity: state.validity, uid, since, renewed }
    }
}
