-- One row per member of the enrolled segment: evaluated where the night has it, else as HubSpot delivered it. Grain: record_id.
SELECT m.record_id
FROM core__segment__membership AS m
INNER JOIN enrolled AS e ON m.segment_id = e.segment_id
WHERE m.change <> 'left'
UNION
SELECT d.recordid AS record_id
FROM staged__hubspot__list_membership AS d
INNER JOIN enrolled AS e ON d.listid = e.segment_id
WHERE
    d.op = 'upsert' AND NOT EXISTS (
        SELECT 1
        FROM core__segment__membership AS m
        WHERE m.segment_id = e.segment_id
    )
ORDER BY record_id
