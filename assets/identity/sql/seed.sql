-- Records around which clusters may differ from the night before: compared anew, once paired with such a record or with one that
-- is gone, or named by a person, tonight or the night before. Grain: one row a record (r).
WITH
anew AS (
    SELECT base.record FROM base SEMI JOIN rescored ON base.r = rescored.r
    UNION
    SELECT record FROM changed
),

named AS (
    SELECT x AS record FROM must_link
    UNION
    SELECT y FROM must_link
    UNION
    SELECT x FROM cannot_link
    UNION
    SELECT y FROM cannot_link
    UNION
    SELECT a FROM known_override
    UNION
    SELECT b FROM known_override
),

beside AS (
    SELECT known_pair.b AS record FROM known_pair SEMI JOIN anew ON known_pair.a = anew.record
    UNION
    SELECT known_pair.a FROM known_pair SEMI JOIN anew ON known_pair.b = anew.record
)

SELECT base.r
FROM base
INNER JOIN (
    SELECT record FROM anew
    UNION
    SELECT record FROM named
    UNION
    SELECT record FROM beside
) AS found ON base.record = found.record
