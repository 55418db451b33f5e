-- One row per Salesforce user who has the e-mail of another one that stands for both: HubSpot's owner is the same person to it (P2-36).
-- Few or none. Grain: owner_id.
SELECT other.Id AS owner_id, of_owner.counterpart_id AS same_id
FROM staged__salesforce__user AS other
INNER JOIN owner_match AS of_user ON of_user.system = 'salesforce' AND other.Id = of_user.owner_id
INNER JOIN owner_match AS of_owner ON of_owner.system = 'hubspot' AND of_user.counterpart_id = of_owner.owner_id
WHERE other.op = 'upsert' AND of_owner.counterpart_id <> other.Id
