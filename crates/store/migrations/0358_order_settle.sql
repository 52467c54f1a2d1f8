-- 等结算 Whether an order is confirmed, costs something and is not settled yet; NULL of
-- those nothing was saved of since: they are looked at one by one.
ALTER TABLE work_order ADD COLUMN to_settle BIGINT;
CREATE INDEX work_order_settle ON work_order (region, id)
    WHERE stage = 'closed' AND (to_settle IS NULL OR to_settle = 1);
