-- Pairs that must never share an entity: a person's word, contradicting evidence, two records that each CRM has linked to
-- another one. A stored id outweighs likeness between its two records, a must-link all likeness of its records, nothing a
-- cannot-link. Grain: a, b, why.
WITH
joined AS (
    SELECT a, b FROM named_edge
    WHERE tier IN ('must_link', 'T0')
),

vouched AS (
    SELECT a, b FROM named_edge
    WHERE tier = 'must_link'
),

anchored AS (
    SELECT stored_component.component AS anchor, component.component, min(stored_component.r) AS r
    FROM stored_component
    INNER JOIN component ON stored_component.r = component.r
    INNER JOIN base ON stored_component.r = base.r
    GROUP BY stored_component.component, component.component
    HAVING
        count(*) FILTER (WHERE starts_with(base.record, 'hubspot/')) > 0
        AND count(*) FILTER (WHERE starts_with(base.record, 'salesforce/')) > 0
),

forbidden AS (
    SELECT least(x.r, y.r) AS a, greatest(x.r, y.r) AS b
    FROM cannot_link
    INNER JOIN base AS x ON cannot_link.x = x.record
    INNER JOIN base AS y ON cannot_link.y = y.record
)

SELECT a, b, 'cannot_link' AS why FROM forbidden
WHERE a <> b
UNION
SELECT contradicting.a, contradicting.b, 'contradiction' AS why
FROM contradicting
ANTI JOIN joined ON contradicting.a = joined.a AND contradicting.b = joined.b
ANTI JOIN vouched ON contradicting.a IN (vouched.a, vouched.b) OR contradicting.b IN (vouched.a, vouched.b)
UNION
SELECT least(x.r, y.r) AS a, greatest(x.r, y.r) AS b, 'conflicting_stored_ids' AS why
FROM anchored AS x
INNER JOIN anchored AS y ON x.component = y.component AND x.anchor < y.anchor
ANTI JOIN vouched ON least(x.r, y.r) = vouched.a AND greatest(x.r, y.r) = vouched.b
