-- 补数 The delivery whose rows it brings again, mended. A mending never stands for its
-- category: it is a patch to that delivery.
ALTER TABLE data_batch ADD COLUMN mends BIGINT;
