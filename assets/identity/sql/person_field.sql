-- People of both CRMs as the fields that are compared; merged-away records and converted leads only carry links. `night` is that of the
-- newest version that they are of. Grain: record.
SELECT
    'hubspot/contact/' || hs_object_id AS record,
    op = 'upsert' AS live,
    CASE WHEN op = 'upsert' THEN email END AS email,
    CASE WHEN op = 'upsert' THEN hs_additional_emails END AS email_other,
    CASE WHEN op = 'upsert' THEN firstname END AS first_name,
    CASE WHEN op = 'upsert' THEN lastname END AS last_name,
    CASE WHEN op = 'upsert' THEN phone END AS phone,
    CASE WHEN op = 'upsert' THEN mobilephone END AS phone_other,
    CASE WHEN op = 'upsert' THEN jobtitle END AS job_title,
    CASE WHEN op = 'upsert' THEN company END AS company,
    CASE WHEN op = 'upsert' THEN website END AS domain,
    CASE WHEN op = 'upsert' THEN address END AS street,
    CASE WHEN op = 'upsert' THEN city END AS city,
    CASE WHEN op = 'upsert' THEN state END AS state,
    CASE WHEN op = 'upsert' THEN zip END AS postcode,
    CASE WHEN op = 'upsert' THEN country END AS country,
    lastmodifieddate AS modified_at,
    createdate AS created_at,
    night
FROM staged__hubspot__contact
WHERE op IN ('upsert', 'merge')
UNION ALL
SELECT
    'salesforce/lead/' || "Id" AS record,
    op = 'upsert' AND NOT coalesce("IsConverted", FALSE) AS live,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "Email" END AS email,
    NULL AS email_other,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "FirstName" END AS first_name,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "LastName" END AS last_name,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "Phone" END AS phone,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "MobilePhone" END AS phone_other,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "Title" END AS job_title,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "Company" END AS company,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "Website" END AS domain,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "Street" END AS street,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "City" END AS city,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "State" END AS state,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "PostalCode" END AS postcode,
    CASE WHEN op = 'upsert' AND NOT coalesce("IsConverted", FALSE) THEN "Country" END AS country,
    greatest("SystemModstamp", "LastModifiedDate", "CreatedDate") AS modified_at,
    "CreatedDate" AS created_at,
    night
FROM staged__salesforce__lead
WHERE op IN ('upsert', 'merge')
UNION ALL
SELECT
    'salesforce/contact/' || person."Id" AS record,
    person.op = 'upsert' AS live,
    CASE WHEN person.op = 'upsert' THEN person."Email" END AS email,
    NULL AS email_other,
    CASE WHEN person.op = 'upsert' THEN person."FirstName" END AS first_name,
    CASE WHEN person.op = 'upsert' THEN person."LastName" END AS last_name,
    CASE WHEN person.op = 'upsert' THEN person."Phone" END AS phone,
    CASE WHEN person.op = 'upsert' THEN person."MobilePhone" END AS phone_other,
    CASE WHEN person.op = 'upsert' THEN person."Title" END AS job_title,
    CASE WHEN person.op = 'upsert' AND account.op = 'upsert' THEN account."Name" END AS company,
    CASE WHEN person.op = 'upsert' AND account.op = 'upsert' THEN account."Website" END AS domain,
    CASE WHEN person.op = 'upsert' THEN person."MailingStreet" END AS street,
    CASE WHEN person.op = 'upsert' THEN person."MailingCity" END AS city,
    CASE WHEN person.op = 'upsert' THEN person."MailingState" END AS state,
    CASE WHEN person.op = 'upsert' THEN person."MailingPostalCode" END AS postcode,
    CASE WHEN person.op = 'upsert' THEN person."MailingCountry" END AS country,
    greatest(person."SystemModstamp", person."LastModifiedDate", person."CreatedDate") AS modified_at,
    person."CreatedDate" AS created_at,
    greatest(person.night, account.night) AS night
FROM staged__salesforce__contact AS person
LEFT JOIN staged__salesforce__account AS account ON person."AccountId" = account."Id"
WHERE person.op IN ('upsert', 'merge')
