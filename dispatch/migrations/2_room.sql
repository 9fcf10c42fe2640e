-- An intent that is committed counts as sent.
DROP TABLE sent;

-- As much as a probe writes, to see whether there is room for an order.
ALTER TABLE probe ADD COLUMN room TEXT;
