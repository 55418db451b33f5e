-- One row per existing contact that the night's files make, or leave, a marketing contact: an import with the box ticked (P2-A1).
-- Grain: record_id. `was_marketing`: it is one already; what its import does is cancel its end (P2-A3).
SELECT DISTINCT
    d.record_id,
    coalesce(c.is_marketing, FALSE) AS was_marketing
FROM out__delta__hubspot AS d
CROSS JOIN run
LEFT JOIN marketing_contact AS c ON d.record_id = c.hs_object_id
WHERE d.object = 'contact' AND d.op = 'update' AND run.updates AND run.promotes
