-- 见证 Cosignatures of witnesses over checkpoints, as they gave them.
CREATE TABLE audit_cosignature (
    size BIGINT NOT NULL,
    witness TEXT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (size, witness)
) {clustered};
-- append-only: audit_cosignature
