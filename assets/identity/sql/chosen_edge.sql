-- Edges that may join records, with how strong they are: a person's word, stored ids, tiers, likeness. Grain: a pair (a, b).
SELECT
    a,
    b,
    least(greatest(weight, -60.0), 60.0)
    + CASE tier WHEN 'must_link' THEN 1000 WHEN 'T0' THEN 800 WHEN 'T1' THEN 600 WHEN 'T2' THEN 400 ELSE 0 END AS strength
FROM judged_pair
WHERE tier IS NOT NULL AND guard IS NULL
