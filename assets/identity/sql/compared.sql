-- How alike two records are, field by field, before any weight.
-- Grain: a candidate pair (a, b), a < b. `g_<field>` is the level of likeness: 0 where a side is blank, 1 the same, the last level
-- clearly different (levels are named in data/reference/identity_weights_*.json). `f_<field>` is the share of records that have
-- the value agreed on, null where the level has no value of its own.
WITH
measured AS (
    SELECT
        p.a,
        p.b,
        p.rules,
        x.first AS x_first,
        y.first AS y_first,
        x.last AS x_last,
        y.last AS y_last,
        x.dob AS x_dob,
        y.dob AS y_dob,
        x.street_no AS x_no,
        y.street_no AS y_no,
        x.street AS x_street,
        y.street AS y_street,
        x.nicks AS x_nicks,
        y.nicks AS y_nicks,
        x.email_canon AS x_email,
        y.email_canon AS y_email,
        x.email_local AS x_local,
        y.email_local AS y_local,
        x.phone AS x_phone,
        y.phone AS y_phone,
        x.gid AS x_gid,
        y.gid AS y_gid,
        x.postcode AS x_postcode,
        y.postcode AS y_postcode,
        x.city AS x_city,
        y.city AS y_city,
        x.company AS x_company,
        y.company AS y_company,
        x.middle AS x_middle,
        y.middle AS y_middle,
        x.birth_place AS x_birth_place,
        y.birth_place AS y_birth_place,
        x.job AS x_job,
        y.job AS y_job,
        x.state AS x_state,
        y.state AS y_state,
        x.country AS x_country,
        y.country AS y_country,
        x.gender AS x_gender,
        y.gender AS y_gender,
        x.domain AS x_domain,
        y.domain AS y_domain,
        x.f_first AS xf_first,
        y.f_first AS yf_first,
        x.f_last AS xf_last,
        y.f_last AS yf_last,
        x.f_dob,
        x.f_email,
        x.f_phone,
        x.f_gid,
        x.f_place,
        x.f_street,
        x.f_postcode,
        x.f_city,
        x.f_state,
        x.f_country,
        x.f_company,
        x.f_domain,
        x.f_birth_place,
        x.f_gender,
        x.f_job,
        jaro_winkler_similarity(x.first, y.first) AS first_likeness,
        jaro_winkler_similarity(x.last, y.last) AS last_likeness,
        jaro_winkler_similarity(x.first, y.last) AS first_last_likeness,
        jaro_winkler_similarity(x.last, y.first) AS last_first_likeness,
        -- Edits, a transposition counted once; the exact count matters up to two.
        CASE WHEN levenshtein(x.first, y.first) = 2 THEN damerau_levenshtein(x.first, y.first) ELSE levenshtein(x.first, y.first) END AS first_edits,
        CASE WHEN levenshtein(x.last, y.last) = 2 THEN damerau_levenshtein(x.last, y.last) ELSE levenshtein(x.last, y.last) END AS last_edits,
        CASE WHEN levenshtein(x.dob, y.dob) = 2 THEN damerau_levenshtein(x.dob, y.dob) ELSE levenshtein(x.dob, y.dob) END AS dob_edits,
        CASE WHEN levenshtein(x.email_canon, y.email_canon) = 2 THEN damerau_levenshtein(x.email_canon, y.email_canon) ELSE levenshtein(x.email_canon, y.email_canon) END AS email_edits,
        CASE WHEN levenshtein(x.phone, y.phone) = 2 THEN damerau_levenshtein(x.phone, y.phone) ELSE levenshtein(x.phone, y.phone) END AS phone_edits,
        CASE WHEN levenshtein(x.gid, y.gid) = 2 THEN damerau_levenshtein(x.gid, y.gid) ELSE levenshtein(x.gid, y.gid) END AS gid_edits,
        CASE WHEN levenshtein(x.street, y.street) = 2 THEN damerau_levenshtein(x.street, y.street) ELSE levenshtein(x.street, y.street) END AS street_edits,
        CASE WHEN levenshtein(x.street_no, y.street_no) = 2 THEN damerau_levenshtein(x.street_no, y.street_no) ELSE levenshtein(x.street_no, y.street_no) END AS no_edits,
        CASE WHEN levenshtein(x.postcode, y.postcode) = 2 THEN damerau_levenshtein(x.postcode, y.postcode) ELSE levenshtein(x.postcode, y.postcode) END AS postcode_edits,
        CASE WHEN levenshtein(x.city, y.city) = 2 THEN damerau_levenshtein(x.city, y.city) ELSE levenshtein(x.city, y.city) END AS city_edits
    FROM pair AS p
    INNER JOIN record AS x ON p.a = x.r
    INNER JOIN record AS y ON p.b = y.r
),

judged AS (
    SELECT
        *,
        -- First and last name written in each other's place; or one of them, where the other is blank.
        coalesce(first_last_likeness >= 0.9 AND last_first_likeness >= 0.9 AND coalesce(first_likeness, 0) < 0.9, FALSE) AS swapped,
        coalesce(
            first_last_likeness >= 0.93 AND coalesce(last_first_likeness, 1) >= 0.9
            AND coalesce(first_likeness, 0) < 0.9 AND coalesce(last_likeness, 0) < 0.9, FALSE
        ) AS first_is_last,
        coalesce(
            last_first_likeness >= 0.93 AND coalesce(first_last_likeness, 1) >= 0.9
            AND coalesce(first_likeness, 0) < 0.9 AND coalesce(last_likeness, 0) < 0.9, FALSE
        ) AS last_is_first,
        coalesce(
            x_local <> y_local
            AND regexp_replace(x_local, '[0-9]+', '', 'g') = regexp_replace(y_local, '[0-9]+', '', 'g')
            AND regexp_replace(x_local, '[^0-9]+', '', 'g') <> regexp_replace(y_local, '[^0-9]+', '', 'g'), FALSE
        ) AS numbers_only,
        coalesce(
            left(x_local, 1) <> left(y_local, 1) AND left(x_local, 1) = left(x_first, 1) AND left(y_local, 1) = left(y_first, 1)
            AND contains(x_local, x_last) AND contains(y_local, y_last), FALSE
        ) AS initials_only,
        coalesce(contains(x_local, x_last) AND contains(y_local, left(y_last, 3)), FALSE) AS local_has_name,
        x_local = y_local
        AND list_contains([
            replace(x_first || x_last, ' ', ''), replace(x_last || x_first, ' ', ''), replace(left(x_first, 1) || x_last, ' ', ''),
            replace(x_last || left(x_first, 1), ' ', ''), x_first || left(x_last, 1), x_first, x_last,
            replace(y_first || y_last, ' ', ''), replace(y_last || y_first, ' ', ''), replace(left(y_first, 1) || y_last, ' ', ''),
            replace(y_last || left(y_first, 1), ' ', ''), y_first || left(y_last, 1), y_first, y_last
        ], replace(replace(replace(x_local, '.', ''), '_', ''), '-', '')) AS local_is_name
    FROM measured
)

SELECT
    a,
    b,
    rules,
    CASE
        WHEN swapped OR first_is_last THEN 7
        WHEN last_is_first THEN 0
        WHEN x_first IS NULL OR y_first IS NULL THEN 0
        WHEN x_first = y_first THEN 1
        WHEN length(x_first) = 1 OR length(y_first) = 1 THEN CASE WHEN left(x_first, 1) = left(y_first, 1) THEN 4 ELSE 6 END
        WHEN
            list_contains(x_nicks, y_first) OR list_contains(y_nicks, x_first)
            OR length(x_first) > 2 AND x_first = y_middle OR length(y_first) > 2 AND y_first = x_middle
            OR starts_with(x_first, y_first || ' ') OR starts_with(y_first, x_first || ' ') THEN 2
        WHEN first_likeness >= 0.93 OR (least(length(x_first), length(y_first)) >= 4 AND first_edits = 1) THEN 3
        WHEN first_likeness >= 0.82 OR starts_with(x_first, left(y_first, 3)) AND least(length(x_first), length(y_first)) = 3 THEN 5
        ELSE 6
    END AS g_first,
    CASE
        WHEN swapped OR first_is_last THEN greatest(xf_first, yf_last)
        WHEN x_first = y_first THEN xf_first
    END AS f_first,
    CASE
        -- A swap is one slip, and the first name tells it; the last name is the same, in the other place.
        WHEN swapped THEN 1
        WHEN last_is_first THEN 6
        WHEN first_is_last THEN 0
        WHEN x_last IS NULL OR y_last IS NULL THEN 0
        WHEN x_last = y_last THEN 1
        WHEN length(x_last) = 1 OR length(y_last) = 1 THEN CASE WHEN left(x_last, 1) = left(y_last, 1) THEN 0 ELSE 5 END
        WHEN
            contains(' ' || x_last || ' ', ' ' || y_last || ' ') OR contains(' ' || y_last || ' ', ' ' || x_last || ' ')
            OR replace(x_last, ' ', '') = replace(y_last, ' ', '') THEN 2
        WHEN last_likeness >= 0.93 OR (least(length(x_last), length(y_last)) >= 4 AND last_edits = 1) THEN 3
        WHEN last_likeness >= 0.82 THEN 4
        ELSE 5
    END AS g_last,
    CASE
        WHEN swapped OR last_is_first THEN greatest(xf_last, yf_first)
        WHEN x_last = y_last THEN xf_last
    END AS f_last,
    CASE
        WHEN x_middle IS NULL OR y_middle IS NULL THEN 0
        WHEN x_middle = y_middle THEN CASE WHEN length(x_middle) = 1 THEN 2 ELSE 1 END
        WHEN left(x_middle, 1) = left(y_middle, 1) THEN CASE WHEN length(x_middle) = 1 OR length(y_middle) = 1 THEN 2 ELSE 3 END
        ELSE 4
    END AS g_middle,
    CASE
        WHEN x_dob IS NULL OR y_dob IS NULL THEN 0
        WHEN x_dob = y_dob THEN CASE WHEN length(x_dob) = 8 THEN 1 ELSE 6 END
        WHEN length(x_dob) <> 8 OR length(y_dob) <> 8 THEN CASE WHEN left(x_dob, 4) = left(y_dob, 4) THEN 6 ELSE 7 END
        WHEN left(x_dob, 4) || right(x_dob, 2) || substr(x_dob, 5, 2) = y_dob THEN 2
        WHEN dob_edits = 1 THEN 3
        WHEN (left(x_dob, 4) = left(y_dob, 4))::INT + (substr(x_dob, 5, 2) = substr(y_dob, 5, 2))::INT + (right(x_dob, 2) = right(y_dob, 2))::INT = 2 THEN 4
        WHEN dob_edits = 2 THEN 5
        WHEN left(x_dob, 4) = left(y_dob, 4) THEN 6
        ELSE 7
    END AS g_dob,
    CASE WHEN x_dob = y_dob AND length(x_dob) = 8 THEN f_dob END AS f_dob,
    CASE
        WHEN x_email IS NULL OR y_email IS NULL THEN 0
        WHEN x_email = y_email THEN 1
        -- A mailbox made of the name says nothing that the name has not said, unless the rest of the address is the same too.
        WHEN local_is_name THEN CASE WHEN email_edits = 1 THEN 2 ELSE 4 END
        -- Numbers tell mailboxes of one name apart, initials those of two: ana.dias1@ is not ana.dias2@, nor abowman@ hbowman@.
        WHEN numbers_only OR initials_only THEN 4
        WHEN x_local = y_local AND length(x_local) >= 5 THEN 2
        WHEN email_edits <= 2 THEN 2
        WHEN jaro_winkler_similarity(x_email, y_email) >= 0.92 AND NOT local_has_name THEN 3
        ELSE 4
    END AS g_email,
    CASE WHEN x_email = y_email THEN f_email END AS f_email,
    CASE
        WHEN x_phone IS NULL OR y_phone IS NULL THEN 0
        WHEN x_phone = y_phone THEN 1
        WHEN right(x_phone, 7) = right(y_phone, 7) THEN 2
        WHEN phone_edits = 1 THEN 3
        ELSE 4
    END AS g_phone,
    CASE WHEN x_phone = y_phone THEN f_phone END AS f_phone,
    CASE
        WHEN x_gid IS NULL OR y_gid IS NULL THEN 0
        WHEN x_gid = y_gid THEN 1
        WHEN length(x_gid) >= 6 AND gid_edits = 1 THEN 2
        WHEN length(x_gid) >= 7 AND gid_edits = 2 THEN 3
        ELSE 4
    END AS g_gid,
    CASE WHEN x_gid = y_gid THEN f_gid END AS f_gid,
    CASE
        WHEN x_street IS NULL OR y_street IS NULL THEN 0
        WHEN x_street = y_street AND x_no = y_no THEN 1
        -- What follows a street says where in it: 57 Jane St off Hudson St.
        WHEN
            street_edits <= 2 OR jaro_winkler_similarity(x_street, y_street) >= 0.9
            OR starts_with(x_street, y_street || ' ') OR starts_with(y_street, x_street || ' ')
            THEN
                CASE
                    WHEN x_no = y_no THEN 2
                    WHEN x_no IS NULL OR y_no IS NULL THEN 3
                    WHEN no_edits = 1 THEN 4
                    ELSE 5
                END
        ELSE 6
    END AS g_street,
    CASE WHEN x_street = y_street THEN CASE WHEN x_no = y_no THEN f_place WHEN x_no IS NULL OR y_no IS NULL THEN f_street END END AS f_street,
    CASE
        WHEN x_postcode IS NULL OR y_postcode IS NULL THEN 0
        WHEN x_postcode = y_postcode THEN 1
        WHEN postcode_edits = 1 THEN 2
        WHEN left(x_postcode, 3) = left(y_postcode, 3) THEN 3
        ELSE 4
    END AS g_postcode,
    CASE WHEN x_postcode = y_postcode THEN f_postcode END AS f_postcode,
    CASE
        WHEN x_city IS NULL OR y_city IS NULL THEN 0
        WHEN x_city = y_city THEN 1
        WHEN city_edits <= 2 AND least(length(x_city), length(y_city)) >= 4 OR jaro_winkler_similarity(x_city, y_city) >= 0.9 THEN 2
        ELSE 3
    END AS g_city,
    CASE WHEN x_city = y_city THEN f_city END AS f_city,
    CASE WHEN x_state IS NULL OR y_state IS NULL THEN 0 WHEN x_state = y_state THEN 1 ELSE 2 END AS g_state,
    CASE WHEN x_state = y_state THEN f_state END AS f_state,
    CASE WHEN x_country IS NULL OR y_country IS NULL THEN 0 WHEN x_country = y_country THEN 1 ELSE 2 END AS g_country,
    CASE WHEN x_country = y_country THEN f_country END AS f_country,
    CASE
        WHEN x_company IS NULL OR y_company IS NULL THEN 0
        WHEN x_company = y_company THEN 1
        WHEN
            starts_with(x_company, y_company || ' ') OR starts_with(y_company, x_company || ' ')
            OR jaro_winkler_similarity(x_company, y_company) >= 0.94 OR replace(x_company, ' ', '') = replace(y_company, ' ', '') THEN 2
        WHEN
            jaro_winkler_similarity(x_company, y_company) >= 0.88
            OR 2 * len(list_intersect(string_split(x_company, ' '), string_split(y_company, ' ')))
            >= greatest(len(string_split(x_company, ' ')), len(string_split(y_company, ' '))) THEN 3
        ELSE 4
    END AS g_company,
    CASE WHEN x_company = y_company THEN f_company END AS f_company,
    -- One mailbox has one domain: it says nothing more.
    CASE WHEN x_domain IS NULL OR y_domain IS NULL OR x_email = y_email THEN 0 WHEN x_domain = y_domain THEN 1 ELSE 2 END AS g_domain,
    CASE WHEN x_domain = y_domain THEN f_domain END AS f_domain,
    CASE
        WHEN x_birth_place IS NULL OR y_birth_place IS NULL THEN 0
        WHEN x_birth_place = y_birth_place THEN 1
        WHEN jaro_winkler_similarity(x_birth_place, y_birth_place) >= 0.9 THEN 2
        ELSE 3
    END AS g_birth_place,
    CASE WHEN x_birth_place = y_birth_place THEN f_birth_place END AS f_birth_place,
    CASE WHEN x_gender IS NULL OR y_gender IS NULL THEN 0 WHEN x_gender = y_gender THEN 1 ELSE 2 END AS g_gender,
    CASE WHEN x_gender = y_gender THEN f_gender END AS f_gender,
    CASE
        WHEN x_job IS NULL OR y_job IS NULL THEN 0
        WHEN x_job = y_job THEN 1
        WHEN jaro_winkler_similarity(x_job, y_job) >= 0.9 THEN 2
        ELSE 3
    END AS g_job,
    CASE WHEN x_job = y_job THEN f_job END AS f_job
FROM judged
