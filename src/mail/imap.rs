//! IMAP over TLS: our own command layer on async-imap's connection and parser.
