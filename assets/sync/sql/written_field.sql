-- One row per field of an operation of tonight: what the sync changes, and over it what bulk updates ask for. Grain: object, pair_id,
-- action, field, after.
SELECT changed_field.*
FROM changed_field
ANTI JOIN update_field
    ON
        changed_field.object = update_field.object AND changed_field.pair_id = update_field.pair_id
        AND changed_field.action = 'to_hubspot' AND changed_field.field = update_field.field
UNION ALL
SELECT * FROM update_field
