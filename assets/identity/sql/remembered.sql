-- The records that pairs are made of, with the share of each of their values as it was when the weights were learnt: of a value
-- that is not listed the share of a rare one (blank digest). Grain: one row a record (r).
WITH
rare AS (
    SELECT
        max(share) FILTER (field = 'first' AND value = '') AS first,
        max(share) FILTER (field = 'last' AND value = '') AS last,
        max(share) FILTER (field = 'dob' AND value = '') AS dob,
        max(share) FILTER (field = 'birth_place' AND value = '') AS birth_place,
        max(share) FILTER (field = 'gender' AND value = '') AS gender,
        max(share) FILTER (field = 'job' AND value = '') AS job,
        max(share) FILTER (field = 'email' AND value = '') AS email,
        max(share) FILTER (field = 'phone' AND value = '') AS phone,
        max(share) FILTER (field = 'gid' AND value = '') AS gid,
        max(share) FILTER (field = 'street' AND value = '') AS street,
        max(share) FILTER (field = 'place' AND value = '') AS place,
        max(share) FILTER (field = 'postcode' AND value = '') AS postcode,
        max(share) FILTER (field = 'city' AND value = '') AS city,
        max(share) FILTER (field = 'state' AND value = '') AS state,
        max(share) FILTER (field = 'country' AND value = '') AS country,
        max(share) FILTER (field = 'company' AND value = '') AS company,
        max(share) FILTER (field = 'domain' AND value = '') AS domain
    FROM share_given
),

wanted AS (
    SELECT base.*, base.street_no || ' ' || base.street AS place
    FROM base
    SEMI JOIN record_wanted ON base.r = record_wanted.r
)

SELECT
    wanted.* EXCLUDE (place),
    CASE WHEN wanted.first IS NOT NULL THEN coalesce(of_first.share, rare.first) END AS f_first,
    CASE WHEN wanted.last IS NOT NULL THEN coalesce(of_last.share, rare.last) END AS f_last,
    CASE WHEN wanted.dob IS NOT NULL THEN coalesce(of_dob.share, rare.dob) END AS f_dob,
    CASE WHEN wanted.birth_place IS NOT NULL THEN coalesce(of_birth_place.share, rare.birth_place) END AS f_birth_place,
    CASE WHEN wanted.gender IS NOT NULL THEN coalesce(of_gender.share, rare.gender) END AS f_gender,
    CASE WHEN wanted.job IS NOT NULL THEN coalesce(of_job.share, rare.job) END AS f_job,
    CASE WHEN wanted.email_canon IS NOT NULL THEN coalesce(of_email.share, rare.email) END AS f_email,
    CASE WHEN wanted.phone IS NOT NULL THEN coalesce(of_phone.share, rare.phone) END AS f_phone,
    CASE WHEN wanted.gid IS NOT NULL THEN coalesce(of_gid.share, rare.gid) END AS f_gid,
    CASE WHEN wanted.street IS NOT NULL THEN coalesce(of_street.share, rare.street) END AS f_street,
    CASE WHEN wanted.place IS NOT NULL THEN coalesce(of_place.share, rare.place) END AS f_place,
    CASE WHEN wanted.postcode IS NOT NULL THEN coalesce(of_postcode.share, rare.postcode) END AS f_postcode,
    CASE WHEN wanted.city IS NOT NULL THEN coalesce(of_city.share, rare.city) END AS f_city,
    CASE WHEN wanted.state IS NOT NULL THEN coalesce(of_state.share, rare.state) END AS f_state,
    CASE WHEN wanted.country IS NOT NULL THEN coalesce(of_country.share, rare.country) END AS f_country,
    CASE WHEN wanted.company IS NOT NULL THEN coalesce(of_company.share, rare.company) END AS f_company,
    CASE WHEN wanted.domain IS NOT NULL THEN coalesce(of_domain.share, rare.domain) END AS f_domain
FROM wanted
CROSS JOIN rare
LEFT JOIN share_given AS of_first ON of_first.field = 'first' AND of_first.value = md5(wanted.first)
LEFT JOIN share_given AS of_last ON of_last.field = 'last' AND of_last.value = md5(wanted.last)
LEFT JOIN share_given AS of_dob ON of_dob.field = 'dob' AND of_dob.value = md5(wanted.dob)
LEFT JOIN share_given AS of_birth_place ON of_birth_place.field = 'birth_place' AND of_birth_place.value = md5(wanted.birth_place)
LEFT JOIN share_given AS of_gender ON of_gender.field = 'gender' AND of_gender.value = md5(wanted.gender)
LEFT JOIN share_given AS of_job ON of_job.field = 'job' AND of_job.value = md5(wanted.job)
LEFT JOIN share_given AS of_email ON of_email.field = 'email' AND of_email.value = md5(wanted.email_canon)
LEFT JOIN share_given AS of_phone ON of_phone.field = 'phone' AND of_phone.value = md5(wanted.phone)
LEFT JOIN share_given AS of_gid ON of_gid.field = 'gid' AND of_gid.value = md5(wanted.gid)
LEFT JOIN share_given AS of_street ON of_street.field = 'street' AND of_street.value = md5(wanted.street)
LEFT JOIN share_given AS of_place ON of_place.field = 'place' AND of_place.value = md5(wanted.place)
LEFT JOIN share_given AS of_postcode ON of_postcode.field = 'postcode' AND of_postcode.value = md5(wanted.postcode)
LEFT JOIN share_given AS of_city ON of_city.field = 'city' AND of_city.value = md5(wanted.city)
LEFT JOIN share_given AS of_state ON of_state.field = 'state' AND of_state.value = md5(wanted.state)
LEFT JOIN share_given AS of_country ON of_country.field = 'country' AND of_country.value = md5(wanted.country)
LEFT JOIN share_given AS of_company ON of_company.field = 'company' AND of_company.value = md5(wanted.company)
LEFT JOIN share_given AS of_domain ON of_domain.field = 'domain' AND of_domain.value = md5(wanted.domain)
