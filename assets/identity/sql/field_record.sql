-- Tonight's records, numbered in the order of their names. Grain: one row a record (r).
SELECT record, row_number() OVER (ORDER BY record) - 1 AS r
FROM field
