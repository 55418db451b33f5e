-- E-mail addresses in lower case whose owner opted out in either CRM, also of records that are gone: an unsubscription belongs to the
-- address and not to the contact, and nothing but its owner takes it back (P2-27, P2-38). Grain: email.
WITH said AS (
    SELECT email, CAST(hs_email_optout AS VARCHAR) AS opted_out FROM staged__hubspot__contact
    UNION ALL
    SELECT Email, CAST(HasOptedOutOfEmail AS VARCHAR) AS opted_out FROM staged__salesforce__lead
    UNION ALL
    SELECT Email, CAST(HasOptedOutOfEmail AS VARCHAR) AS opted_out FROM staged__salesforce__contact
)

SELECT DISTINCT lower(trim(email)) AS email
FROM said
WHERE lower(trim(opted_out)) IN ('true', 'yes', '1') AND trim(email) <> ''
ORDER BY email
