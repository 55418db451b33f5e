-- Members of blocks whose size crossed its limit that are not compared anew for another reason. Grain: one row a record (r).
SELECT DISTINCT member.r
FROM block_member AS member
ANTI JOIN rescored ON member.r = rescored.r
WHERE member.has_crossed
