-- How common a value is: one row a key column and value that at least one record has.
-- Grain: field, value. `records` is the number of records with the value, `filled` that of records with any value.
WITH
long AS (
    SELECT r, unnest(['first', 'last', 'dob', 'city', 'postcode', 'street', 'place', 'state', 'country', 'company', 'domain', 'birth_place', 'gender', 'job', 'email', 'phone', 'gid']) AS field,
        unnest([first, last, dob, city, postcode, street, street_no || ' ' || street, state, country, company, domain, birth_place, gender, job, email_canon, phone, gid]) AS value
    FROM record
)
SELECT field, value, count(*) AS records FROM long WHERE value IS NOT NULL GROUP BY field, value
