-- One row per request of a bulk update: a line of its file or a member of its segment, the record that it means, and the stage that it
-- asks for. An internal value counts before a label (P2-63); a row whose identifiers name several records means none of them (P2-2H).
-- Grain: update_no, line, hubspot_id.
WITH asked AS (
    SELECT
        cell.update_no,
        cell.line,
        max(CASE WHEN cell.property = 'hs_object_id' THEN cell.value END) AS record_id,
        max(CASE WHEN cell.property = stage_update.name_property THEN lower(cell.value) END) AS name,
        max(CASE WHEN cell.property = 'lifecyclestage' THEN cell.value END) AS stage
    FROM update_cell AS cell
    INNER JOIN stage_update ON cell.update_no = stage_update.update_no
    GROUP BY cell.update_no, cell.line
    UNION ALL
    SELECT
        stage_update.update_no,
        CAST(NULL AS BIGINT) AS line,
        membership.record_id,
        CAST(NULL AS VARCHAR) AS name,
        stage_update.stage
    FROM stage_update
    INNER JOIN core__segment__membership AS membership ON stage_update.segment_id = membership.segment_id AND membership.change <> 'left'
),

named AS (
    SELECT 'person' AS object, email AS name, hubspot_id, is_primary
    FROM taken_email
    UNION ALL
    SELECT 'company' AS object, domain AS name, hs_object_id AS hubspot_id, TRUE AS is_primary
    FROM company_domain
),

found_by_name AS (
    SELECT
        named.object,
        named.name,
        named.hubspot_id,
        min(named.hubspot_id) OVER (PARTITION BY named.object, named.name) <> max(named.hubspot_id) OVER (PARTITION BY named.object, named.name)
            AS is_several
    FROM named
    SEMI JOIN asked ON named.name = asked.name
    QUALIFY
        row_number() OVER (
            PARTITION BY named.object, named.name ORDER BY NOT named.is_primary, length(named.hubspot_id), named.hubspot_id
        ) = 1
)

SELECT
    asked.update_no,
    stage_update.object,
    asked.line,
    coalesce(asked.record_id, standing.hubspot_id) AS record_id,
    standing.hubspot_id,
    standing.pair_id,
    asked.stage AS said,
    coalesce(by_value.stage, by_label.stage) AS stage,
    coalesce(by_value.position, by_label.position) AS position,
    CASE
        WHEN found_by_name.is_several OR found_by_name.hubspot_id <> standing.hubspot_id THEN 'several_records'
        WHEN standing.pair_id IS NULL OR deletion.pair_id IS NOT NULL THEN 'record_not_found'
        WHEN held.pair_id IS NOT NULL THEN 'held_back'
    END AS code
FROM asked
INNER JOIN stage_update ON asked.update_no = stage_update.update_no
LEFT JOIN hubspot_successor AS successor ON stage_update.object = successor.object AND asked.record_id = successor.from_id
LEFT JOIN found_by_name ON stage_update.object = found_by_name.object AND asked.name = found_by_name.name
LEFT JOIN standing
    ON
        stage_update.object = standing.object AND standing.hubspot_live
        AND standing.hubspot_id = coalesce(successor.to_id, asked.record_id, found_by_name.hubspot_id)
LEFT JOIN deletion ON standing.object = deletion.object AND standing.pair_id = deletion.pair_id
LEFT JOIN held_pair AS held ON standing.object = held.object AND standing.pair_id = held.pair_id
LEFT JOIN stage_order AS by_value ON stage_update.object = by_value.object AND asked.stage = by_value.stage
LEFT JOIN stage_order AS by_label
    ON by_value.stage IS NULL AND stage_update.object = by_label.object AND lower(trim(asked.stage)) = lower(trim(by_label.label))
QUALIFY row_number() OVER (PARTITION BY asked.update_no, asked.line, asked.record_id ORDER BY by_label.position, standing.pair_id) = 1
