-- One row a pair joined by name, with the strongest of its tiers; of several rules the first. Grain: a, b.
SELECT
    a,
    b,
    CASE WHEN bool_or(tier = 'must_link') THEN 'must_link' ELSE 'T0' END AS tier,
    coalesce(min(rule) FILTER (WHERE tier = 'must_link'), min(rule)) AS rule
FROM named_edge
GROUP BY a, b
