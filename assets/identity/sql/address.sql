-- Exact keys of every record: addresses (T1) and mailboxes (T2) of people, domains of companies (T1). Grain: r, kind, value.
WITH listed AS (
    SELECT r, record, 'email' AS kind, 'T1' AS tier, unnest(emails) AS value, coalesce(sound_last, sound_first) AS name
    FROM base
    WHERE entity = 'person'
    UNION ALL
    SELECT r, record, 'mailbox' AS kind, 'T2' AS tier, unnest(mailboxes) AS value, coalesce(sound_last, sound_first) AS name
    FROM base
    WHERE entity = 'person'
    UNION ALL
    SELECT r, record, 'domain' AS kind, 'T1' AS tier, domain AS value, company AS name
    FROM base
    WHERE entity = 'company' AND domain IS NOT NULL
)

SELECT
    listed.*,
    role_inbox.local_part IS NOT NULL AS role
FROM listed
LEFT JOIN role_inbox ON split_part(listed.value, '@', 1) = role_inbox.local_part AND listed.kind <> 'domain'
