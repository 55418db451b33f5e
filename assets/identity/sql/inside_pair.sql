-- Pairs inside small components that were not compared, or weighed little: two records that came together through others may
-- contradict each other. Grain: a pair, a < b.
WITH small AS (
    SELECT r, component FROM component QUALIFY count(*) OVER (PARTITION BY component) BETWEEN 2 AND 100
),

agreeing AS (
    SELECT weighed_edge.a, weighed_edge.b
    FROM weighed_edge
    CROSS JOIN worst
    WHERE weighed_edge.weight > worst.weight
)

SELECT x.r AS a, y.r AS b, 0::BIGINT AS rules
FROM small AS x
INNER JOIN small AS y ON x.component = y.component AND x.r < y.r
ANTI JOIN agreeing ON x.r = agreeing.a AND y.r = agreeing.b
