-- One row per HubSpot owner or Salesforce user with its counterpart by e-mail (P2-36). `is_active` is about the record itself.
-- Grain: system, owner_id.
WITH owner AS (
    SELECT id AS owner_id, nullif(lower(trim(email)), '') AS email, NOT coalesce(archived, FALSE) AS is_active
    FROM staged__hubspot__owner
    WHERE op = 'upsert'
),

salesforce_user AS (
    SELECT Id AS owner_id, nullif(lower(trim(Email)), '') AS email, coalesce(IsActive, TRUE) AS is_active
    FROM staged__salesforce__user
    WHERE op = 'upsert'
),

pick_owner AS (
    SELECT *
    FROM owner
    WHERE email IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY email ORDER BY is_active DESC, owner_id) = 1
),

pick_user AS (
    SELECT *
    FROM salesforce_user
    WHERE email IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY email ORDER BY is_active DESC, owner_id) = 1
)

SELECT
    'hubspot' AS system,
    owner.owner_id,
    pick_user.owner_id AS counterpart_id,
    pick_user.is_active AS counterpart_active
FROM owner
LEFT JOIN pick_user ON owner.email = pick_user.email
UNION ALL
SELECT
    'salesforce' AS system,
    salesforce_user.owner_id,
    pick_owner.owner_id AS counterpart_id,
    pick_owner.is_active AS counterpart_active
FROM salesforce_user
LEFT JOIN pick_owner ON salesforce_user.email = pick_owner.email
