-- Pairs inside entities that are made anew and have something to merge. Grain: a pair (a, b).
WITH member AS (
    SELECT stale_member.record
    FROM stale_member
    SEMI JOIN mergeable ON stale_member.entity_id = mergeable.entity_id
)

SELECT pair.*
FROM identity_pair AS pair
SEMI JOIN member AS x ON pair.a = x.record
SEMI JOIN member AS y ON pair.b = y.record
WHERE pair.zone = 'merge'
