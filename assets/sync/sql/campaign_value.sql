-- One row per live lead or contact that is in a campaign: the ids of all its campaigns, joined by semicolons (P1-23, P2-56, P2-57).
-- Grain: record_id.
SELECT
    coalesce(nullif(ContactId, ''), LeadId) AS record_id,
    array_to_string(list_sort(list(DISTINCT CampaignId)), ';') AS value
FROM staged__salesforce__campaign_member
WHERE op = 'upsert' AND CampaignId IS NOT NULL AND coalesce(nullif(ContactId, ''), LeadId) IS NOT NULL
GROUP BY coalesce(nullif(ContactId, ''), LeadId)
