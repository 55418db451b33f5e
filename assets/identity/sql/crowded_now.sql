-- What a reviewer is told tonight of exact keys that join nobody: as the night before, but for the keys that changed records have or
-- had. Two keys may be told in the same words. Grain: kind, value.
(
    SELECT guard, a, tier, records
    FROM known_review
    WHERE b IS NULL
    EXCEPT ALL
    SELECT guard, a, tier, records FROM crowded_before
)
UNION ALL
SELECT guard, a, tier, records FROM crowded_moved
