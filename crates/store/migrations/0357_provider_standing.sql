-- 停不停派 What of a partner's marks a person has seen, day by day and in sum; since when
-- a proposal to stop them waits, and when the centre is reminded of it. Who decided what
-- and why lies sealed in the provider's state.
ALTER TABLE provider_day ADD COLUMN late_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE provider_day ADD COLUMN bad_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE provider_day ADD COLUMN safety_seen BIGINT NOT NULL DEFAULT 0;
CREATE INDEX provider_day_of ON provider_day (provider, day);
ALTER TABLE provider ADD COLUMN late_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE provider ADD COLUMN bad_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE provider ADD COLUMN safety_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE provider ADD COLUMN proposed_at BIGINT;
ALTER TABLE provider ADD COLUMN remind_at BIGINT;
CREATE INDEX provider_remind ON provider (remind_at) WHERE remind_at IS NOT NULL;
