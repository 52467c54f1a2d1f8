-- 谁看过我 The record of one subject is asked for by the person it is about.
CREATE INDEX audit_subject ON audit (subject, id);
