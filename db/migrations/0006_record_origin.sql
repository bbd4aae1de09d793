-- How a conversation began, and who brought whom.
ALTER TABLE record ADD COLUMN origin INTEGER NOT NULL DEFAULT 0; -- enum db_record_origin
ALTER TABLE record ADD COLUMN begun_by TEXT NOT NULL DEFAULT ''; -- address; '': the server or an administrator
ALTER TABLE record_participant ADD COLUMN invited_by TEXT NOT NULL DEFAULT ''; -- address; '': came by himself
