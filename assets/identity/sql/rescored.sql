-- Records that are compared with all others tonight, whatever becomes of blocks. Grain: one row a record (r).
SELECT base.r FROM base SEMI JOIN changed ON base.record = changed.record
UNION
SELECT r FROM flipped
UNION
SELECT r FROM renamed
