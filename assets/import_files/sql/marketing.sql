-- One row: marketing contacts of the night before its files, those that stop at the next update, and what the files add.
-- Grain: one row. What the import's mode cannot carry makes nobody one (P2-93).
SELECT
    (
        SELECT count(*)
        FROM marketing_contact
        WHERE is_marketing
    ) AS before,
    (
        SELECT count(*)
        FROM marketing_contact AS c
        ANTI JOIN promoted AS p ON c.hs_object_id = p.record_id
        WHERE c.is_marketing AND c.stops
    ) AS demoted,
    (
        SELECT count(*)
        FROM out__delta__hubspot AS d
        CROSS JOIN run
        WHERE
            d.object = 'contact'
            AND d.op = 'create'
            AND run.creates
            AND run.may_promote
            AND (coalesce(d.marketing, FALSE) OR run.promotes)
    ) AS created,
    (
        SELECT count(*)
        FROM promoted
        WHERE NOT was_marketing
    ) AS promoted
