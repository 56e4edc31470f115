-- Version 4. The episode of a trouble of which the admins heard by another way than the outbox.
ALTER TABLE troubles ADD COLUMN told INTEGER;
