-- One row per pair that sync.yaml holds back as a whole. Grain: object, pair_id.
SELECT DISTINCT object, pair_id FROM named_pair
WHERE purpose = 'hold_back' AND field IS NULL
