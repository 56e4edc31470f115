-- Version 6. For how many seconds the looks at a mailbox have failed while the daemon ran: a restart
-- must not begin the quarter of an hour anew after which people hear of it, and a night's rest is none.
ALTER TABLE checks ADD COLUMN failing INTEGER NOT NULL DEFAULT 0;
