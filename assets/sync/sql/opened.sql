-- One row per pair and trigger that opens tonight for another reason than a mapped field of a linked pair (P2-11, P2-12, P2-14).
-- Outside the segment only an auto-create opens (design section 6, P1-44). Grain: object, pair_id, trigger.
WITH eligible AS (
    SELECT
        standing.*,
        run.is_first,
        run.is_full,
        run.delete_hubspot_contact,
        run.window_start,
        run.is_import,
        -- A HubSpot record that the ledger does not know, unless it answers the pair's own pending create.
        standing.hubspot_live AND standing.past_hubspot_id IS NULL
        AND NOT coalesce(standing.created_by IN ('auto_create', 'import') AND len(standing.past_triggers) > 0, FALSE) AS is_unknown_hubspot
    FROM standing
    CROSS JOIN run
    -- A first night with `baseline` records what is there and opens nothing.
    WHERE run.is_full OR NOT run.is_first
),

opened AS (
    SELECT object, pair_id, 'initial_sync' AS trigger
    FROM eligible
    -- Accounts are made for new companies only (P2-52), contacts and leads for everybody who may sync.
    WHERE is_first AND in_segment AND (is_linked OR (salesforce_id IS NULL AND object = 'person'))
    UNION ALL
    -- The record that answers our own pending create is not new.
    SELECT object, pair_id, 'new_record' AS trigger
    FROM eligible
    WHERE in_segment AND ((is_new_hubspot AND is_unknown_hubspot) OR (is_linked AND is_new_salesforce AND NOT is_answer))
    UNION ALL
    -- D4; D5: a contact outside the segment is synced once. Inside, a new Salesforce record is a new record as any other.
    SELECT object, pair_id, 'auto_create' AS trigger
    FROM eligible
    WHERE
        salesforce_live AND is_new_salesforce AND NOT is_answer AND NOT coalesce(in_segment, FALSE)
        -- People who arrive by Salesforce import do not ask the setting (P1-12, P1-47); a contact that is there gets nothing from it (P1-49).
        AND CASE WHEN is_import AND object = 'person' THEN NOT hubspot_live ELSE auto_create_new END
    UNION ALL
    SELECT object, pair_id, 'auto_create' AS trigger
    FROM eligible
    WHERE
        salesforce_live AND NOT hubspot_live AND auto_create_existing AND hubspot_id IS NULL
        -- Accounts that were there before become companies when they are edited (P2-50).
        -- One that is new tonight is for the other setting to decide, even where it continues a lead that was there before.
        AND CASE
            WHEN is_first THEN object = 'person'
            WHEN NOT has_new_salesforce_version OR is_new_salesforce THEN FALSE
            WHEN is_known THEN is_salesforce_edited
            ELSE salesforce_modified_at > window_start
        END
    UNION ALL
    SELECT object, pair_id, 'link_moved' AS trigger
    FROM eligible
    WHERE is_linked AND is_known AND in_segment AND past_hubspot_id IS NOT NULL AND past_salesforce_id IS DISTINCT FROM salesforce_id
    UNION ALL
    SELECT object, pair_id, 'segment_entered' AS trigger
    FROM eligible
    WHERE
        hubspot_live AND in_segment
        AND ((past_in_segment = FALSE AND past_segment_id = segment_id) OR (past_outside_filter AND NOT outside_filter))
    UNION ALL
    -- Unlinked: any mapped value of the HubSpot record moved, or the record is seen for the first time and was edited meanwhile.
    SELECT object, pair_id, 'mapped_change' AS trigger
    FROM eligible
    WHERE
        object = 'person' AND hubspot_live AND NOT salesforce_live AND in_segment AND NOT is_first AND NOT is_new_hubspot AND has_new_hubspot_version
        AND CASE WHEN is_known THEN is_hubspot_edited ELSE hubspot_modified_at > window_start END
    UNION ALL
    -- Linked, but not in the ledger yet: nothing to compare with, so the records' own times tell whether something happened.
    SELECT object, pair_id, 'mapped_change' AS trigger
    FROM eligible
    WHERE
        is_linked AND is_unknown_hubspot AND in_segment AND NOT is_first
        AND (hubspot_modified_at > window_start OR salesforce_modified_at > window_start)
    UNION ALL
    SELECT eligible.object, eligible.pair_id, 'resync' AS trigger
    FROM eligible
    INNER JOIN named_pair AS named
        ON eligible.object = named.object AND eligible.pair_id = named.pair_id AND named.purpose = 'resync'
    WHERE eligible.in_segment
    UNION ALL
    -- Lifecycle rules (P2-66, P2-67), where the contact is behind the stage that they wish.
    SELECT eligible.object, eligible.pair_id, wish.trigger
    FROM eligible
    INNER JOIN stage_wish AS wish ON eligible.object = wish.object AND eligible.pair_id = wish.pair_id
    WHERE wish.is_event AND eligible.in_segment
    UNION ALL
    -- P2-45, P2-2B, D14: seen only inside the segment, and only while the linked record was not known to be deleted.
    SELECT eligible.object, eligible.pair_id, 'deletion' AS trigger
    FROM eligible
    LEFT JOIN newly_deleted ON eligible.salesforce_id = newly_deleted.salesforce_id
    WHERE
        eligible.object = 'person' AND eligible.delete_hubspot_contact AND eligible.missing = 'delete' AND eligible.in_segment
        AND eligible.past_in_segment IS DISTINCT FROM FALSE AND eligible.is_known
        AND (eligible.past_gone_since IS NULL OR newly_deleted.salesforce_id IS NOT NULL)
)

SELECT DISTINCT object, pair_id, trigger
FROM opened
