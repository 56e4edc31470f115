-- Version 1. Times are milliseconds since 1970 in UTC. Nothing is ever deleted but `attempts`.

CREATE TABLE cases (
    number   TEXT PRIMARY KEY,
    inquiry  TEXT NOT NULL,
    mailbox  TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('awaiting_information', 'open', 'answered', 'closed')),
    received INTEGER NOT NULL,
    due      INTEGER,
    alarm    INTEGER,
    whole    TEXT NOT NULL          -- the case as JSON; the columns repeat what is searched for
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_by_alarm ON cases (alarm) WHERE alarm IS NOT NULL;
CREATE INDEX cases_by_state ON cases (state, due);
CREATE INDEX cases_by_inquiry ON cases (inquiry, state);

-- Every address that a person has in a case.
CREATE TABLE persons (
    address TEXT NOT NULL,
    number  TEXT NOT NULL REFERENCES cases,
    PRIMARY KEY (address, number)
) STRICT, WITHOUT ROWID;

-- The next serial number of a year.
CREATE TABLE serials (
    year INTEGER PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;

-- Every mail that came in, each with what became of it.
CREATE TABLE mails (
    id             INTEGER PRIMARY KEY,
    mailbox        TEXT NOT NULL,
    folder         TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('inbox', 'sent')),
    validity       INTEGER NOT NULL,
    uid            INTEGER NOT NULL,
    message_id     TEXT,
    author         TEXT,
    digest         TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    size           INTEGER NOT NULL,
    disposition    TEXT NOT NULL,
    reason         TEXT,
    number         TEXT REFERENCES cases,
    opened         INTEGER NOT NULL,   -- 1: it opened the case
    copy_of        INTEGER REFERENCES mails,
    received       INTEGER NOT NULL,   -- INTERNALDATE
    decided        INTEGER NOT NULL,
    rules          TEXT NOT NULL,
    notes          TEXT NOT NULL,
    message        TEXT,               -- of an ignored mail: the decoded mail as JSON, for `mail accept`
    UNIQUE (mailbox, folder, validity, uid)
) STRICT;
CREATE INDEX mails_by_message_id ON mails (message_id, author) WHERE message_id IS NOT NULL;
CREATE INDEX mails_by_digest ON mails (digest);
CREATE INDEX mails_by_case ON mails (number) WHERE number IS NOT NULL;
CREATE INDEX mails_that_opened ON mails (author, decided) WHERE opened = 1;
CREATE INDEX mails_by_received ON mails (received);

-- Mails that are being taken apart now. One that is still here after a crash may have caused it.
CREATE TABLE attempts (
    mailbox  TEXT NOT NULL,
    folder   TEXT NOT NULL,
    validity INTEGER NOT NULL,
    uid      INTEGER NOT NULL,
    crashes  INTEGER NOT NULL,         -- earlier runs of the program that ended with the mail in hand
    run      TEXT NOT NULL,            -- the run that has it in hand
    PRIMARY KEY (mailbox, folder, validity, uid)
) STRICT, WITHOUT ROWID;

-- Where each folder has been read up to.
CREATE TABLE positions (
    mailbox  TEXT NOT NULL,
    folder   TEXT NOT NULL,
    validity INTEGER NOT NULL,
    uid      INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    renewed  INTEGER NOT NULL,
    PRIMARY KEY (mailbox, folder)
) STRICT, WITHOUT ROWID;

-- Numbers given to the files of a Maildir.
CREATE TABLE files (
    mailbox TEXT NOT NULL,
    folder  TEXT NOT NULL,
    key     TEXT NOT NULL,
    uid     INTEGER NOT NULL,
    PRIMARY KEY (mailbox, folder, key),
    UNIQUE (mailbox, folder, uid)
) STRICT, WITHOUT ROWID;

-- Who did what when. Append only.
CREATE TABLE events (
    id     INTEGER PRIMARY KEY,
    time   INTEGER NOT NULL,
    number TEXT REFERENCES cases,
    what   TEXT NOT NULL,
    actor  TEXT NOT NULL,
    text   TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_case ON events (number, id);
CREATE TRIGGER events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_kept BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

-- Every mail that goes out, kept afterwards.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,   -- once means once
    kind       TEXT NOT NULL,
    alert      TEXT,                   -- of an alert: which
    mailbox    TEXT NOT NULL,
    sender     TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    number     TEXT REFERENCES cases,
    message_id TEXT NOT NULL UNIQUE,
    bytes      BLOB NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'uncertain', 'failed')),
    queued     INTEGER NOT NULL,
    next_try   INTEGER,                -- null: under way, or nothing left to do
    taken      INTEGER,                -- handed to a sender and not settled
    first_try  INTEGER,
    attempts   INTEGER NOT NULL DEFAULT 0,
    doubts     INTEGER NOT NULL DEFAULT 0,  -- attempts of which nobody knows the end
    delivered  INTEGER,
    bounced    INTEGER,
    error      TEXT
) STRICT;
CREATE INDEX outbox_answers_to_try ON outbox (next_try, id) WHERE next_try IS NOT NULL AND alert IS NULL;
CREATE INDEX outbox_alerts_to_try ON outbox (next_try, id) WHERE next_try IS NOT NULL AND alert IS NOT NULL;
CREATE INDEX outbox_under_way ON outbox (recipient, id) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_taken ON outbox (taken) WHERE taken IS NOT NULL;
CREATE INDEX outbox_waiting ON outbox (queued) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_by_state ON outbox (state) WHERE state IN ('uncertain', 'failed');
CREATE INDEX outbox_answers ON outbox (recipient, queued) WHERE alert IS NULL;
CREATE INDEX outbox_by_case ON outbox (number) WHERE number IS NOT NULL;

-- What is wrong with the program itself. A person is told once for each episode.
CREATE TABLE troubles (
    key     TEXT PRIMARY KEY,
    episode INTEGER NOT NULL,
    text    TEXT,                      -- null: mended
    since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last look at each mailbox.
CREATE TABLE checks (
    mailbox TEXT PRIMARY KEY,
    time    INTEGER NOT NULL,          -- of the last successful look
    error   TEXT
) STRICT, WITHOUT ROWID;

-- The daemon about itself: one row.
CREATE TABLE daemon (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    ready        INTEGER NOT NULL,
    rules        TEXT,
    rules_loaded INTEGER,
    rules_error  TEXT
) STRICT;
INSERT INTO daemon (id, ready) VALUES (1, 0);
