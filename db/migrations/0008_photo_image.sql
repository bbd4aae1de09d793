-- A photo may be a PNG as well: what it is, its first bytes say.

ALTER TABLE photo RENAME COLUMN jpeg TO image;
