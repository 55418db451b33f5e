-- Mailboxes that are an office's by their name (info@, sales@) and that several names use: they join nobody. Grain: a mailbox.
SELECT key.email_canon, count(*) AS records
FROM key
SEMI JOIN role_inbox ON key.email_local = role_inbox.local_part
GROUP BY key.email_canon
HAVING count(DISTINCT coalesce(key.sound_last, key.sound_first, key.company, '')) > 1
