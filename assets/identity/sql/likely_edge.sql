-- Pairs that likeness alone may join. Grain: a pair (a, b). Two people are not joined by what a household or an office shares:
-- something of the person's own must agree, a first name, a mailbox or an identifier, or a birth date; against another first name
-- that one alone is not enough, for twins have one too, unless much else speaks for it.
SELECT scored.a, scored.b, scored.weight AS strength
FROM scored
CROSS JOIN level
WHERE
    scored.weight >= level.link
    AND (
        level.entity <> 'person'
        OR scored.g_first IN (1, 2, 3, 4, 5, 7)
        OR scored.g_email IN (1, 2)
        OR scored.g_dob IN (1, 2, 3) AND (scored.g_first = 0 OR scored.weight >= level.link + 3.5)
        OR scored.g_gid IN (1, 2)
    )
    -- Nor is a first name with a company or a town enough where the last names differ.
    AND (
        level.entity <> 'person'
        OR scored.g_last <> 5
        OR scored.g_email IN (1, 2)
        OR scored.g_dob IN (1, 2, 3)
        OR scored.g_gid IN (1, 2)
        OR scored.g_phone = 1
        OR scored.g_street IN (1, 2)
    )
