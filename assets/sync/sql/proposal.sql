-- One row per field of an open pair that the truth table moves, with the value in the target's own form, and what speaks against
-- writing it: `drop_warning` leaves the field out, `problem` rejects the record as a whole (P2-C2). Grain: object, pair_id, mapping.
WITH decided AS (
    SELECT
        field.* EXCLUDE (rule, kind, is_trigger),
        mapping.* EXCLUDE (object, mapping),
        rule_row.row AS truth_row,
        rule_row.action,
        rule_row.meaning
    FROM notable_field AS field
    CROSS JOIN run
    INNER JOIN mapping
        ON field.object = mapping.object AND field.salesforce_target = mapping.salesforce_object AND field.mapping = mapping.mapping
    INNER JOIN update_rule AS rule_row
        ON
            field.rule = rule_row.rule
            AND rule_row.changed IN (
                '*',
                CASE
                    WHEN field.hubspot_changed AND field.salesforce_changed THEN 'both'
                    WHEN field.hubspot_changed THEN 'hubspot'
                    WHEN field.salesforce_changed THEN 'salesforce'
                    ELSE 'none'
                END
            )
            AND rule_row.blank IN (
                '*', CASE WHEN field.hubspot_norm IS NULL THEN 'hubspot' WHEN field.salesforce_norm IS NULL THEN 'salesforce' ELSE 'none' END
            )
            AND rule_row.agreed IN (
                '*',
                CASE
                    WHEN
                        CASE
                            WHEN field.hubspot_norm IS NULL THEN field.is_hubspot_agreed AND (field.is_salesforce_agreed OR field.hubspot_changed)
                            WHEN field.salesforce_norm IS NULL THEN field.is_salesforce_agreed AND (field.is_hubspot_agreed OR field.salesforce_changed)
                            ELSE field.is_hubspot_agreed AND field.is_salesforce_agreed
                        END
                        THEN 'known'
                    ELSE 'unknown'
                END
            )
            AND rule_row.newest IN (
                '*',
                CASE
                    WHEN
                        coalesce(field.hubspot_changed_night, '') > coalesce(field.salesforce_changed_night, '')
                        OR (
                            coalesce(field.hubspot_changed_night, '') = coalesce(field.salesforce_changed_night, '')
                            AND field.hubspot_changed_at > field.salesforce_changed_at
                        )
                        THEN 'hubspot'
                    ELSE 'salesforce'
                END
            )
            -- The winner of a conflict decides where two values meet for the first time; afterwards the latest change does (P2-71, P2-72).
            -- It overrules neither a mapping's direction nor the rule of the e-mail.
            AND rule_row.conflict IN (
                '*',
                CASE
                    WHEN
                        field.is_hubspot_agreed OR field.is_salesforce_agreed OR field.hubspot_changed OR field.salesforce_changed
                        OR (field.has_row AND greatest(coalesce(field.hubspot_changed_night, ''), field.salesforce_changed_night) > field.met)
                        OR field.hubspot_norm IS NULL OR field.salesforce_norm IS NULL OR mapping.is_one_way OR mapping.kind = 'email'
                        THEN 'none'
                    ELSE coalesce(run.conflict, 'none')
                END
            )
    WHERE
        NOT field.is_equal AND rule_row.action <> 'nothing'
        -- Ids, campaigns, ranges and formulas never go to Salesforce (P1-27, P2-39).
        AND NOT (mapping.is_one_way AND rule_row.action = 'to_salesforce')
),

-- The link itself is not agreed with HubSpot before there is a Salesforce record, so a create reads the same table.
directed AS (
    SELECT decided.*, verdict.is_create OR decided.is_reroute AS is_create
    FROM decided
    INNER JOIN verdict
        ON decided.object = verdict.object AND decided.pair_id = verdict.pair_id AND decided.action = verdict.direction AND verdict.is_open
    INNER JOIN pair_trigger
        ON decided.object = pair_trigger.object AND decided.pair_id = pair_trigger.pair_id AND pair_trigger.has_sync_trigger
    LEFT JOIN route ON decided.object = route.object AND decided.pair_id = route.pair_id
    CROSS JOIN run
    WHERE
        -- A record that is deleted or gone has no values, blank ones neither: of its pair only the stage moves (P2-45, P2-66, P2-54).
        (decided.action = 'to_salesforce' OR decided.salesforce_live)
        -- The lead that is left behind is not written any more (X11).
        AND NOT (decided.action = 'to_salesforce' AND coalesce(route.is_rerouted, FALSE) AND NOT decided.is_reroute)
        AND NOT (decided.action = 'to_hubspot' AND decided.is_reroute)
        -- A contact that arrives by Salesforce import outside the segment has its e-mail and nothing else (P1-47, P1-49).
        AND (decided.kind = 'email' OR NOT (decided.action = 'to_hubspot' AND verdict.is_create AND verdict.is_import_only))
),

formed AS (
    SELECT
        directed.*,
        CASE WHEN directed.action = 'to_hubspot' THEN directed.hubspot ELSE directed.salesforce END AS field_name,
        CASE WHEN directed.action = 'to_hubspot' THEN directed.hubspot_value ELSE directed.salesforce_value END AS before,
        CASE
            WHEN directed.action = 'to_hubspot' AND directed.salesforce_norm IS NULL THEN NULL
            WHEN directed.action = 'to_hubspot' AND directed.compare = 'text' THEN directed.salesforce_value
            -- The members as they stand, without what would be read as an empty one: a leading semicolon appends in HubSpot (P2-98).
            WHEN directed.compare = 'set'
                THEN nullif(
                    array_to_string(
                        list_filter(
                            list_transform(
                                string_split(
                                    CASE directed.action WHEN 'to_hubspot' THEN directed.salesforce_value ELSE directed.hubspot_value END, ';'
                                ),
                                lambda x: trim(x)
                            ),
                            lambda x: x <> ''
                        ),
                        ';'
                    ),
                    ''
                )
            WHEN directed.action = 'to_hubspot' AND directed.compare = 'owner' THEN of_user.counterpart_id
            WHEN directed.action = 'to_hubspot' AND directed.compare = 'date' AND directed.hubspot_kind = 'datetime'
                THEN directed.salesforce_norm || 'T00:00:00.000Z'
            WHEN directed.action = 'to_hubspot' THEN directed.salesforce_norm
            -- A checkbox of Salesforce is never blank.
            WHEN directed.hubspot_norm IS NULL AND directed.salesforce_kind = 'bool' THEN 'false'
            WHEN directed.hubspot_norm IS NULL THEN NULL
            WHEN directed.compare = 'text' THEN directed.hubspot_value
            WHEN directed.compare = 'date' AND directed.salesforce_kind = 'datetime' THEN directed.hubspot_norm || 'T00:00:00.000Z'
            ELSE directed.hubspot_norm
        END AS after,
        CASE
            WHEN directed.action = 'to_hubspot' THEN directed.salesforce_norm
            WHEN directed.salesforce_kind = 'bool' THEN coalesce(directed.hubspot_norm, 'false')
            ELSE directed.hubspot_norm
        END AS given,
        of_user.counterpart_id IS NOT NULL AS has_owner,
        coalesce(of_user.counterpart_active, FALSE) AS owner_active,
        of_owner.counterpart_id IS NOT NULL AS has_user,
        coalesce(of_owner.counterpart_active, FALSE) AS user_active
    FROM directed
    LEFT JOIN owner_match AS of_user
        ON directed.compare = 'owner' AND of_user.system = 'salesforce' AND directed.salesforce_value = of_user.owner_id
    LEFT JOIN owner_match AS of_owner
        ON directed.compare = 'owner' AND of_owner.system = 'hubspot' AND directed.hubspot_value = of_owner.owner_id
),

-- NaN, infinity and 1_000 are numbers to the engine, and to neither CRM.
measured AS (
    SELECT
        *,
        CASE
            WHEN 'number' IN (hubspot_kind, salesforce_kind)
                THEN try_cast(regexp_extract(after, '^[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?$') AS DOUBLE)
        END AS number
    FROM formed
),

judged AS (
    SELECT
        formed.*,
        CASE
            WHEN held.pair_id IS NOT NULL THEN 'held_back'
            WHEN formed.action = 'to_hubspot' AND NOT formed.hubspot_writable THEN 'read_only_property'
            WHEN formed.action = 'to_salesforce' AND formed.is_create AND NOT formed.salesforce_createable THEN 'read_only_property'
            WHEN formed.action = 'to_salesforce' AND NOT formed.is_create AND NOT formed.salesforce_updateable THEN 'read_only_property'
            WHEN formed.compare = 'owner' AND formed.action = 'to_hubspot' AND formed.salesforce_value LIKE '00G%' THEN 'owner_is_queue'
            WHEN formed.compare = 'owner' AND formed.action = 'to_hubspot' AND formed.after IS NULL AND formed.salesforce_norm IS NOT NULL
                THEN 'owner_not_found'
            WHEN formed.compare = 'owner' AND formed.action = 'to_hubspot' AND formed.has_owner AND NOT formed.owner_active THEN 'inactive_owner'
            WHEN formed.compare = 'owner' AND formed.action = 'to_salesforce' AND formed.hubspot_norm IS NOT NULL AND NOT formed.has_user
                THEN 'owner_not_found'
            -- Salesforce records always have an owner: a blank one is never written.
            WHEN formed.compare = 'owner' AND formed.action = 'to_salesforce' AND formed.hubspot_norm IS NULL THEN 'owner_not_found'
            WHEN formed.compare = 'owner' AND formed.action = 'to_salesforce' AND NOT formed.user_active THEN 'inactive_owner'
            WHEN formed.kind = 'lead_status' AND formed.action = 'to_salesforce' AND converted.status IS NOT NULL THEN 'converted_status'
            WHEN
                formed.action = 'to_hubspot' AND formed.after IS NOT NULL AND formed.compare <> 'owner' AND formed.hubspot_options IS NOT NULL
                AND NOT list_has_all(
                    formed.hubspot_options,
                    CASE
                        WHEN formed.hubspot_kind = 'set' THEN list_filter(list_transform(string_split(formed.after, ';'), lambda x: trim(x)), lambda x: x <> '')
                        ELSE [formed.after]
                    END
                )
                THEN 'invalid_enumeration_option'
            WHEN
                formed.action = 'to_hubspot' AND formed.after IS NOT NULL
                AND (
                    (formed.hubspot_kind = 'number' AND coalesce(abs(formed.number), 1e308) >= 1e308)
                    OR (formed.hubspot_kind = 'bool' AND formed.after NOT IN ('true', 'false'))
                    OR (formed.hubspot_kind = 'date' AND try_cast(formed.after AS DATE) IS NULL)
                    OR (formed.hubspot_kind = 'datetime' AND try_cast(formed.after AS TIMESTAMPTZ) IS NULL)
                )
                THEN 'invalid_format'
        END AS drop_warning,
        CASE
            WHEN formed.action = 'to_hubspot' AND formed.compare = 'email' AND taken.email IS NOT NULL THEN 'email_in_use'
            WHEN formed.action = 'to_hubspot' THEN NULL
            WHEN formed.after IS NULL AND (required.salesforce IS NOT NULL OR NOT formed.salesforce_nillable) THEN 'required_field_missing'
            WHEN formed.after IS NULL THEN NULL
            WHEN
                formed.salesforce_kind = 'number'
                AND (
                    coalesce(abs(formed.number), 1e308) >= 1e308
                    OR (formed.salesforce_whole AND (formed.number <> floor(formed.number) OR formed.number NOT BETWEEN -2147483648 AND 2147483647))
                    OR abs(formed.number) >= power(10, formed.salesforce_digits)
                )
                THEN 'invalid_format'
            WHEN formed.salesforce_kind = 'bool' AND formed.after NOT IN ('true', 'false') THEN 'invalid_format'
            WHEN formed.salesforce_kind = 'date' AND try_cast(formed.after AS DATE) IS NULL THEN 'invalid_format'
            WHEN formed.salesforce_kind = 'datetime' AND try_cast(formed.after AS TIMESTAMPTZ) IS NULL THEN 'invalid_format'
            WHEN
                formed.salesforce_options IS NOT NULL
                AND NOT list_has_all(
                    formed.salesforce_options,
                    CASE
                        WHEN formed.salesforce_kind = 'set'
                            THEN list_filter(list_transform(string_split(formed.after, ';'), lambda x: trim(x)), lambda x: x <> '')
                        ELSE [formed.after]
                    END
                )
                THEN 'picklist_mismatch'
            -- The form that files are checked for (`assets.import_files.cells`).
            WHEN
                formed.salesforce_email
                AND NOT regexp_matches(
                    formed.after,
                    '^[\p{L}\p{N}!#$%&''*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&''*+/=?^_`{|}~-]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+(?:\p{L}{2,}|xn--[a-zA-Z0-9-]+)$'
                )
                THEN 'invalid_email'
            WHEN length(formed.after) > formed.salesforce_length THEN 'field_too_long'
        END AS problem
    FROM measured AS formed
    LEFT JOIN named_pair AS held
        ON
            formed.object = held.object AND formed.pair_id = held.pair_id AND held.purpose = 'hold_back'
            AND held.field IN (lower(formed.hubspot), lower(formed.salesforce))
    LEFT JOIN required_field AS required
        ON formed.salesforce_object = required.salesforce_object AND formed.salesforce = required.salesforce
    LEFT JOIN converted_status AS converted ON formed.after = converted.status
    LEFT JOIN taken_email AS taken
        ON formed.compare = 'email' AND formed.after = taken.email AND formed.hubspot_id IS DISTINCT FROM taken.hubspot_id
),

-- An address can be given to one contact only: to one that is there before one that is made, then to the lowest id (P2-27).
claim AS (
    SELECT
        object,
        pair_id,
        mapping,
        row_number() OVER (PARTITION BY after ORDER BY is_create, length(hubspot_id), hubspot_id, pair_id) AS place
    FROM judged
    WHERE action = 'to_hubspot' AND compare = 'email' AND after IS NOT NULL AND drop_warning IS NULL AND problem IS NULL
)

SELECT
    judged.* EXCLUDE (problem),
    CASE WHEN claim.place > 1 THEN 'email_in_use' ELSE judged.problem END AS problem
FROM judged
LEFT JOIN claim ON judged.object = claim.object AND judged.pair_id = claim.pair_id AND judged.mapping = claim.mapping
