-- Version 5. How it stands with each access token. Never the token itself.
CREATE TABLE tokens (
    name TEXT NOT NULL,                -- of its [oauth.NAME]
    user TEXT NOT NULL,                -- for whom a service account acts; else empty
    valid_until INTEGER,
    error TEXT,
    PRIMARY KEY (name, user)
) STRICT;
