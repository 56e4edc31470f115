//! A Maildir as a source.

use super::Failure;

/// Numbers for the files of a Maildir, which has none of its own: persistent, never given twice.
pub trait UidLedger: Send + Sync {
    /// The number of each key, in the order of `keys`. A key that is new gets the next number of
    /// this folder, so that numbers ascend in the order in which keys were first seen.
    fn number(
        &self,
        mailbox: &str,
        folder: &str,
        keys: &[String],
    ) -> impl Future<Output = Result<Vec<u32>, Failure>> + Send;

    /// The number that the next new key of this folder will get (1 where there was none yet).
    fn next(&self, mailbox: &str, folder: &str) -> impl Future<Output = Result<u32, Failure>> + Send;
}
