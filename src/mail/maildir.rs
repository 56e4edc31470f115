//! A Maildir as a source.
