-- One row per HubSpot contact or company whose lifecycle stage a rule moves forward, never back (P2-54, P2-60, P2-65 to P2-68).
-- A stage that the portal does not know moves nothing; a mapped value stands before the default stage, and before any that is not
-- further. `is_held`: the field is held back, and nothing is written. Grain: object, pair_id.
WITH wished AS (
    SELECT verdict.object, verdict.pair_id, run.default_stage AS stage, 'default_stage' AS rule, 'P2-65' AS because
    FROM verdict
    CROSS JOIN run
    WHERE
        verdict.direction = 'to_hubspot' AND verdict.is_create AND verdict.is_open AND verdict.object = 'person'
        AND NOT verdict.is_import_only
    UNION ALL
    SELECT standing.object, standing.pair_id, run.default_stage AS stage, 'default_stage' AS rule, 'P2-68' AS because
    FROM standing
    INNER JOIN verdict
        ON standing.object = verdict.object AND standing.pair_id = verdict.pair_id AND verdict.direction = 'to_hubspot' AND verdict.is_open
    CROSS JOIN run
    WHERE
        standing.object = 'person' AND standing.is_linked AND standing.salesforce_object = 'Lead'
        -- The lead that we asked for says nothing of its contact's stage. What was given stands until it is seen (design section 6, 3).
        AND ((standing.is_new_salesforce AND NOT standing.is_answer) OR standing.past_given_stage IS NOT NULL)
    UNION ALL
    SELECT wish.object, wish.pair_id, wish.stage, wish.rule, wish.because
    FROM stage_wish AS wish
    INNER JOIN verdict
        ON wish.object = verdict.object AND wish.pair_id = verdict.pair_id AND verdict.direction = 'to_hubspot' AND verdict.is_open
    INNER JOIN pair_trigger ON wish.object = pair_trigger.object AND wish.pair_id = pair_trigger.pair_id
    -- A contact that is made, comes into the segment or gets another record has not heard yet what happened to its roles (D11).
    WHERE
        list_contains(pair_trigger.triggers, wish.trigger)
        OR (
            wish.trigger = 'lifecycle'
            AND ((verdict.is_create AND NOT verdict.is_import_only) OR list_has_any(pair_trigger.triggers, ['new_record', 'segment_entered', 'link_moved']))
        )
),

mapped AS (
    SELECT proposal.object, proposal.pair_id, proposal.after AS stage, stage_order.position
    FROM proposal
    LEFT JOIN stage_order ON proposal.object = stage_order.object AND proposal.after = stage_order.stage
    WHERE proposal.action = 'to_hubspot' AND proposal.field_name = 'lifecyclestage' AND proposal.drop_warning IS NULL
)

SELECT
    wished.object,
    wished.pair_id,
    standing.stage AS before,
    wished.stage AS after,
    wished.rule,
    wished.because,
    held.pair_id IS NOT NULL AS is_held
FROM wished
INNER JOIN standing ON wished.object = standing.object AND wished.pair_id = standing.pair_id
INNER JOIN stage_order AS wanted ON wished.object = wanted.object AND wished.stage = wanted.stage
LEFT JOIN stage_order AS present ON standing.object = present.object AND standing.stage = present.stage
LEFT JOIN mapped ON wished.object = mapped.object AND wished.pair_id = mapped.pair_id
LEFT JOIN named_pair AS held
    ON wished.object = held.object AND wished.pair_id = held.pair_id AND held.purpose = 'hold_back' AND held.field = 'lifecyclestage'
WHERE
    (standing.stage IS NULL OR wanted.position > present.position)
    AND (mapped.stage IS NULL OR (wished.rule <> 'default_stage' AND wanted.position > mapped.position))
QUALIFY row_number() OVER (PARTITION BY wished.object, wished.pair_id ORDER BY wanted.position DESC, wished.because) = 1
