-- One row per operation, or consequence of one, that no file can take back, with why. Grain: target, object, operation, record_id or
-- link, code. Who opted out, in either CRM, comes back by a link in an e-mail only (P2-38); a marketing contact stops being one at the
-- next update date only (P2-A3).
SELECT
    system AS target,
    object,
    op AS operation,
    record_id,
    link,
    CASE op WHEN 'create' THEN 'created_record' ELSE 'archived_record' END AS code
FROM loaded
WHERE op IN ('create', 'delete')
UNION ALL
SELECT
    system AS target,
    object,
    op AS operation,
    record_id,
    link,
    'opted_out' AS code
FROM loaded
WHERE
    op = 'update'
    AND len(list_filter(
        changes,
        lambda c: c.field IN ('hs_email_optout', 'HasOptedOutOfEmail') AND c.after = 'true' AND coalesce(c.before, '') <> 'true'
    )) > 0
UNION ALL
SELECT DISTINCT
    l.system AS target,
    l.object,
    l.op AS operation,
    l.record_id,
    l.link,
    'became_marketing' AS code
FROM loaded AS l
SEMI JOIN promoted AS p ON l.record_id = p.record_id AND NOT p.was_marketing
WHERE l.system = 'hubspot' AND l.object = 'contact' AND l.op = 'update'
UNION ALL
SELECT
    'hubspot' AS target,
    'contact' AS object,
    'associate' AS operation,
    record_id,
    link,
    'association_made' AS code
FROM association
ORDER BY ALL
