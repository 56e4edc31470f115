//! What a folder holds, batch by batch: while the desk keeps one the next is read, and in a backlog the one
//! after that fetched. A mail that comes alone waits for nothing behind it.

use super::{End, Watch};
use crate::desk::{DeskError, InHand, Received};
use crate::mail::{Arrival, Failure, Source};
use crate::triage::decide::Folder;

/// Mails taken in at once while a backlog lasts: more cost fewer commits, and hold up the answers to those
/// before, which are taken out of the same database.
const BATCH: usize = 100;

/// A batch that was read before its turn to be kept has come.
struct Ahead {
    in_hand: InHand,
    /// Its last UID.
    newest: u32,
    /// What came when the mails behind it were fetched; not done yet where it was the last of a backlog.
    behind: Option<Result<Vec<Arrival>, Failure>>,
}

type Next = Result<Option<Ahead>, End>;

impl<S: Source> Watch<S> {
    /// Takes in everything of the open folder above `last`; returns the new last UID.
    pub(super) async fn take_in(&mut self, folder: Folder, mut last: u32, task: &str) -> Result<u32, End> {
        let first = self.source.fetch(last, BATCH).await?;
        let mut ahead = self.read_ahead(folder, first).await?;
        while let Some(batch) = ahead {
            self.around.beats.beat(task);
            let newest = batch.newest;
            let (next, kept) = self.keep_and_read_ahead(folder, batch).await;
            if let Err(end) = self.kept(kept, next.is_ok()).await {
                if let Ok(Some(Ahead { in_hand, .. })) = next {
                    self.around.desk.put_back(in_hand).await;
                }
                return Err(end);
            }
            last = newest;
            ahead = next?;
        }
        Ok(last)
    }

    /// The batch behind this one, and what became of this one.
    async fn keep_and_read_ahead(
        &mut self,
        folder: Folder,
        batch: Ahead,
    ) -> (Next, Result<Received, DeskError>) {
        let Ahead { in_hand, newest, behind } = batch;
        let around = self.around.clone();
        let alone = in_hand.is_suspect();
        let keep = async {
            let kept = around.desk.keep(in_hand).await;
            // Its answers need not wait until it is known what is behind it.
            if kept.as_ref().is_ok_and(|received| received.queued) {
                around.outbox.notify_one();
            }
            kept
        };
        let read_next = async {
            let mails = match behind {
                Some(fetched) => fetched?,
                None => self.source.fetch(newest, BATCH).await?,
            };
            self.read_ahead(folder, mails).await
        };
        if alone {
            let kept = keep.await;
            return (if kept.is_ok() { read_next.await } else { Ok(None) }, kept);
        }
        // In this order: taking the next ones in hand is short, and so is not behind the long work.
        tokio::join!(biased; read_next, keep)
    }

    /// Takes mails in hand and reads them, and in a backlog fetches those behind them.
    async fn read_ahead(&mut self, folder: Folder, mails: Vec<Arrival>) -> Next {
        let Some(newest) = mails.last().map(|arrival| arrival.uid) else { return Ok(None) };
        let (desk, backlog) = (self.around.desk.clone(), mails.len() >= BATCH);
        let name = self.folder(folder);
        let in_hand = desk.take_in_hand(&self.mailbox.name, folder, name, mails).await?;
        // Reading is never cancelled: a started attempt would count against the mail.
        let behind = async { if backlog { Some(self.source.fetch(newest, BATCH).await) } else { None } };
        let (read, behind) = tokio::join!(desk.read(in_hand), behind);
        Ok(Some(Ahead { in_hand: read?, newest, behind }))
    }

    /// A batch is kept, or it is not.
    async fn kept(&mut self, received: Result<Received, DeskError>, goes_on: bool) -> Result<(), End> {
        received?;
        self.around.alarms.notify_one();
        if self.around.stop.is_asked() {
            return Err(End::Stopped);
        }
        // A long backlog is no silence.
        if goes_on { self.note().await } else { Ok(()) }
    }
}
