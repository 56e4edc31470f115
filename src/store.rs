//! SQLite: open, migrate, cases, messages, outbox, positions, events; the one writer thread.
