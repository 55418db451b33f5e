-- When a HubSpot property got the value that it has: the newest time of its property history (P2-30), null where the record has none of
-- it. `history` is what an API object has under `propertiesWithHistory`, `path` where in it the times of one property are;
-- `assets.shared.history` grafts them on. Grain: one row a cell.
SELECT
    CASE
        WHEN json_valid(history) THEN list_max(list_transform(json_extract_string(history, path), lambda x: try_cast(x AS TIMESTAMPTZ)))
    END AS given_at
FROM cell
