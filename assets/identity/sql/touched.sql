-- Records that are clustered anew: seeds and everything in their components. Grain: one row a record (r).
WITH around AS (
    SELECT component.component
    FROM component
    SEMI JOIN seed ON component.r = seed.r
)

SELECT r FROM seed
UNION
SELECT component.r
FROM component
SEMI JOIN around ON component.component = around.component
