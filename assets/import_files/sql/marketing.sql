-- One row: marketing contacts of the night before its files, those that stop at the next update, and what the files add.
-- Grain: one row. An import with the box ticked makes marketing contacts of existing ones too (P2-A1). What the import's mode
-- cannot carry makes nobody one (P2-93).
WITH contact AS (
    SELECT
        hs_object_id,
        lower(CAST(hs_marketable_status AS VARCHAR)) = 'true' AS marketing,
        lower(CAST(hs_marketable_until_renewal AS VARCHAR)) = 'true' AS until_renewal
    FROM staged__hubspot__contact
    WHERE op = 'upsert'
),

touched AS (
    SELECT
        d.op,
        d.record_id,
        coalesce(d.marketing, FALSE) AS marketing,
        contact.marketing AS is_marketing
    FROM out__delta__hubspot AS d
    LEFT JOIN contact ON d.record_id = contact.hs_object_id
    WHERE d.object = 'contact' AND d.op IN ('create', 'update')
)

SELECT
    (
        SELECT count(*)
        FROM contact
        CROSS JOIN run
        WHERE contact.marketing AND NOT (run.is_updated AND coalesce(contact.until_renewal, FALSE))
    ) AS before,
    (
        SELECT count(*)
        FROM contact
        CROSS JOIN run
        WHERE contact.marketing AND contact.until_renewal AND NOT run.is_updated
    ) AS demoted,
    (
        SELECT count(*)
        FROM touched
        CROSS JOIN run
        WHERE touched.op = 'create' AND run.creates AND run.may_promote AND (touched.marketing OR run.promotes)
    ) AS created,
    (
        SELECT count(DISTINCT touched.record_id)
        FROM touched
        CROSS JOIN run
        WHERE touched.op = 'update' AND run.updates AND run.promotes AND NOT coalesce(touched.is_marketing, FALSE)
    ) AS promoted
