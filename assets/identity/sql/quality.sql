-- Pairs counted against the truth. One row: pairs in one cluster, pairs truly the same, pairs that are both, the same of edges.
WITH
labelled AS (
    SELECT
        cluster.r,
        cluster.cluster,
        truth.truth
    FROM cluster INNER JOIN truth ON cluster.r = truth.r
),

known AS (
    SELECT * FROM labelled
    WHERE truth IS NOT NULL
)

SELECT
    (SELECT coalesce(
        sum(n * (n - 1) // 2), 0)::BIGINT FROM (
        SELECT count(*) AS n FROM known
        GROUP BY truth
    )) AS truly,
    (SELECT coalesce(
        sum(n * (n - 1) // 2), 0)::BIGINT FROM (
        SELECT count(*) AS n FROM labelled
        GROUP BY cluster
    )) AS clustered,
    (SELECT coalesce(
        sum(n * (n - 1) // 2), 0)::BIGINT FROM (
        SELECT count(*) AS n FROM known
        GROUP BY cluster, truth
    )) AS clustered_truly,
    (SELECT count(*) FROM edge) AS linked,
    (
        SELECT count(*)
        FROM edge
        INNER JOIN known AS x ON edge.a = x.r
        INNER JOIN known AS y ON edge.b = y.r
        WHERE x.truth = y.truth
    ) AS linked_truly,
    (SELECT max(
        n) FROM (
        SELECT count(*) AS n FROM labelled
        GROUP BY cluster
    )) AS largest
