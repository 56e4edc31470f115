//! Tasks and signals: watch each mailbox, send, ring, reload; start and stop in order.
