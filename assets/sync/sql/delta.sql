-- out/delta/*: one row per operation, its fields nested by name. Grain: system, object, pair_id, sequence.
WITH nested AS (
    SELECT
        system,
        object,
        op,
        record_id,
        key,
        link,
        pair_id,
        sequence,
        list_sort(
            list({ 'field': field, 'before': before, 'after': after, 'rule': rule, 'because': because })
        ) AS changes
    FROM change
    GROUP BY system, object, op, record_id, key, link, pair_id, sequence
)

SELECT
    nested.system,
    nested.object,
    nested.op,
    nested.record_id,
    nested.key,
    nested.link,
    nested.changes,
    nested.sequence,
    outcome.since,
    outcome.reasons,
    outcome.warnings,
    CASE WHEN nested.system = 'hubspot' AND nested.object = 'contact' AND nested.op = 'create' THEN run.marketing END AS marketing
FROM nested
CROSS JOIN run
INNER JOIN night_outcome AS outcome
    ON
        nested.pair_id = outcome.pair_id
        AND outcome.object = CASE WHEN nested.object IN ('company', 'account') THEN 'company' ELSE 'person' END
        AND outcome.direction = CASE nested.system WHEN 'hubspot' THEN 'to_hubspot' ELSE 'to_salesforce' END
UNION ALL
SELECT
    'hubspot' AS system,
    'contact' AS object,
    'delete' AS op,
    hubspot_id AS record_id,
    hubspot_key AS key,
    salesforce_id AS link,
    CAST([] AS STRUCT(field VARCHAR, before VARCHAR, after VARCHAR, rule VARCHAR, because VARCHAR)[]) AS changes,
    CAST(1 AS BIGINT) AS sequence,
    since,
    triggers AS reasons,
    CAST([] AS VARCHAR[]) AS warnings,
    CAST(NULL AS BOOLEAN) AS marketing
FROM deletion
