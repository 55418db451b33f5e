-- Keys of some rows of a file, with a digest of their contents to order them by. Grain: a record.
SELECT
    key_given.*,
    md5(concat_ws(
        chr(31),
        coalesce(key_given.first, chr(0)),
        coalesce(key_given.middle, chr(0)),
        coalesce(key_given.last, chr(0)),
        coalesce(key_given.dob, chr(0)),
        coalesce(key_given.birth_place, chr(0)),
        coalesce(key_given.gender, chr(0)),
        coalesce(key_given.job, chr(0)),
        coalesce(key_given.email_canon, chr(0)),
        coalesce(key_given.email_local, chr(0)),
        coalesce(key_given.phone, chr(0)),
        coalesce(key_given.gid, chr(0)),
        coalesce(key_given.street_no, chr(0)),
        coalesce(key_given.street, chr(0)),
        coalesce(key_given.city, chr(0)),
        coalesce(key_given.postcode, chr(0)),
        coalesce(key_given.state, chr(0)),
        coalesce(key_given.country, chr(0)),
        coalesce(key_given.company, chr(0)),
        coalesce(key_given.domain, chr(0))
    )) AS digest
FROM key_given
