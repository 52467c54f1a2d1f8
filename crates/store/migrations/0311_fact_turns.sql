-- 变了什么 Which facts of the household a record changed, before and after, in words:
-- sealed, because they speak of people. Null: noted before this was kept.
ALTER TABLE finding_change ADD COLUMN facts BYTEA;
