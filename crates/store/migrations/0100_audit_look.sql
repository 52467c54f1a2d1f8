-- 看审计 Rows are asked for by time, by who did it, by what was done.
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_account ON audit (account, at, id);
