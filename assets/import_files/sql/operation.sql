-- One row per operation of the deltas, with the values that a file would write. Grain: target, object, operation, record_id or link, sequence.
-- `cleared` are fields that an import cannot blank (P2-99): those of clears, and blanks that a HubSpot update holds; and the
-- stage of a record that steps back.
-- `variant` tells apart what cannot be in one file: creates by marketing status (one request has one status, P2-94), and
-- companies without a domain of their own, found by the portal's unique property where they have one (P2-92), else by nothing (P1-67): no import
-- takes them then. `identifier` is what the CRM finds the record by; `key` is for records that have none yet.
WITH named AS (
    SELECT
        d.system AS target,
        d.object,
        CASE WHEN d.system = 'salesforce' AND d.op = 'clear' THEN 'update' ELSE d.op END AS operation,
        d.record_id,
        d.key,
        d.link,
        d.since,
        d.sequence,
        d.marketing,
        CASE
            WHEN d.op = 'create' OR d.system = 'hubspot'
                THEN list_transform(
                    list_filter(d.changes, lambda c: c.after <> ''),
                    lambda c: struct_pack(field := c.field, "value" := c.after)
                )
            ELSE list_transform(d.changes, lambda c: struct_pack(field := c.field, "value" := nullif(c.after, '')))
        END AS changes,
        CASE
            WHEN d.system = 'hubspot' AND d.op IN ('update', 'clear')
                THEN list_transform(
                    list_filter(
                        d.changes,
                        lambda c: d.op = 'clear' OR coalesce(c.after, '') = '' OR (d.steps_back AND c.field = 'lifecyclestage')
                    ),
                    lambda c: c.field
                )
        END AS cleared
    FROM delta AS d
),

found AS (
    SELECT
        n.*,
        CASE
            WHEN n.operation = 'create' AND n.target = 'hubspot'
                THEN lower(trim(coalesce(
                    list_extract(
                        list_filter(n.changes, lambda c: c.field = CASE n.object WHEN 'contact' THEN 'email' ELSE 'domain' END), 1
                    )."value",
                    CASE WHEN n.object = 'contact' THEN n.key END
                )))
        END AS found_by,
        CASE
            WHEN n.operation = 'create' AND n.target = 'hubspot' AND n.object = 'company'
                THEN nullif(trim(list_extract(list_filter(n.changes, lambda c: c.field = setting.unique_property), 1)."value"), '')
        END AS found_by_unique
    FROM named AS n
    CROSS JOIN setting
),

-- A company that has its domain from another one, or shares it with one that is made tonight, is a company of its own (P2-51, P2-9D): an
-- import would find the other by it. The form is the one of `shared/domains.py`.
domained AS (
    SELECT
        link,
        regexp_replace(
            regexp_replace(regexp_replace(found_by, '^https?://', ''), '^www\.', ''), '\.?(?::\d+)?(?:[/?#].*)?$', ''
        ) AS domain
    FROM found
    WHERE target = 'hubspot' AND object = 'company' AND operation = 'create' AND found_by <> ''
),

shared AS (
    SELECT domained.link
    FROM domained
    SEMI JOIN company_domain ON domained.domain = company_domain.domain
    UNION
    SELECT link
    FROM domained
    QUALIFY count(*) OVER (PARTITION BY domain) > 1
),

told AS (
    SELECT
        found.* EXCLUDE (found_by),
        CASE WHEN shared.link IS NULL THEN found.found_by END AS found_by
    FROM found
    LEFT JOIN shared ON found.target = 'hubspot' AND found.object = 'company' AND found.operation = 'create' AND found.link = shared.link
)

SELECT
    f.target,
    f.object,
    f.operation,
    CASE
        WHEN f.operation <> 'create' OR f.target <> 'hubspot' THEN ''
        WHEN coalesce(f.found_by, '') = '' THEN CASE WHEN f.found_by_unique IS NULL THEN 'unnamed' ELSE 'by-unique' END
        WHEN f.object = 'contact' AND ((coalesce(f.marketing, FALSE) AND setting.may_promote) OR setting.promotes)
            THEN 'marketing'
        ELSE ''
    END AS variant,
    CASE
        WHEN f.operation <> 'create' THEN f.record_id
        WHEN f.target = 'hubspot' THEN coalesce(nullif(f.found_by, ''), f.found_by_unique)
        WHEN list_contains(setting.keyed_objects, f.object)
            THEN nullif(trim(list_extract(list_filter(f.changes, lambda c: c.field = setting.external_id), 1)."value"), '')
        WHEN setting.external_id IS NOT NULL THEN f.link
    END AS identifier,
    f.record_id,
    CASE WHEN f.operation = 'create' THEN f.key END AS key,
    f.link,
    f.since,
    f.sequence,
    f.changes,
    f.cleared
FROM told AS f
CROSS JOIN setting
