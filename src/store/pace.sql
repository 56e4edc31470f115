-- Version 3. How many mails went out in the last minute is asked before each chunk.
CREATE INDEX outbox_delivered ON outbox (delivered) WHERE delivered IS NOT NULL;
