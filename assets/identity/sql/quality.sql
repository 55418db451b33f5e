-- Pairs counted against the truth. One row: pairs truly the same, in one cluster, both; linked directly, and truly so.
WITH
labelled AS (
    SELECT
        cluster.cluster,
        truth.truth,
        cluster.r
    FROM cluster
    INNER JOIN truth ON cluster.r = truth.r
),

known AS (
    SELECT * FROM labelled
    WHERE truth IS NOT NULL
),

by_truth AS (
    SELECT count(*) AS n FROM known
    GROUP BY truth
),

by_cluster AS (
    SELECT count(*) AS n FROM labelled
    GROUP BY cluster
),

by_both AS (
    SELECT count(*) AS n FROM known
    GROUP BY cluster, truth
),

right_edge AS (
    SELECT count(*) AS n
    FROM edge
    INNER JOIN known AS x ON edge.a = x.r
    INNER JOIN known AS y ON edge.b = y.r
    WHERE x.truth = y.truth
)

SELECT
    (SELECT coalesce(sum(n * (n - 1) // 2), 0)::BIGINT FROM by_truth) AS truly,
    (SELECT coalesce(sum(n * (n - 1) // 2), 0)::BIGINT FROM by_cluster) AS clustered,
    (SELECT coalesce(sum(n * (n - 1) // 2), 0)::BIGINT FROM by_both) AS clustered_truly,
    (SELECT count(*) FROM edge) AS linked,
    (SELECT n FROM right_edge) AS linked_truly,
    (SELECT max(n) FROM by_cluster) AS largest
