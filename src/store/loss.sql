-- Version 2. What a restored backup cannot know: the time between its making and its first start.
CREATE TABLE losses (
    since INTEGER NOT NULL,            -- the backup was made
    until INTEGER                      -- a daemon began with it; null: none has yet
) STRICT;
