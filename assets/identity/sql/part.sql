-- What blocking rules may name: the keys of a record and pieces of them. Grain: one row a record (r).
SELECT
    r, first, last, dob, gid, email_canon, email_local, phone, postcode, city, street_no, street, company, domain,
    least(first, last) || '|' || greatest(first, last) AS names,
    left(first, 1) AS first1, left(first, 2) AS first2, left(first, 3) AS first3, left(last, 3) AS last3,
    right(first, 3) AS first_end, right(last, 4) AS last_end,
    sound_first, sound_last,
    left(dob, 4) AS year,
    CASE WHEN length(dob) = 8 THEN left(dob, 6) END AS year_month,
    CASE WHEN length(dob) = 8 THEN right(dob, 4) END AS month_day,
    CASE
        WHEN length(dob) = 8
            THEN left(dob, 4) || least(right(dob, 2), substr(dob, 5, 2)) || greatest(right(dob, 2), substr(dob, 5, 2))
    END AS dob_swapped,
    CASE WHEN length(phone) > 7 THEN right(phone, 7) END AS phone7,
    CASE WHEN length(gid) >= 6 THEN left(gid, length(gid) // 2) END AS gid_start,
    CASE WHEN length(gid) >= 6 THEN right(gid, length(gid) // 2) END AS gid_end,
    replace(company, ' ', '') AS company_solid,
    CASE WHEN length(company) > 6 THEN left(company, 6) END AS company6,
    CASE WHEN length(company) > 6 THEN right(company, 6) END AS company_end,
    CASE WHEN contains(company, ' ') THEN split_part(company, ' ', 1) END AS company_word,
    CASE WHEN contains(company, ' ') THEN split_part(company, ' ', -1) END AS company_last_word
FROM record
