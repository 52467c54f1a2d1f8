-- 不用补 A row that was set back and needs no mending, a person says: who, when, why.
ALTER TABLE set_back_row ADD COLUMN waived BYTEA;
