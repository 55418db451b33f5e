-- How many nodes have a parent that is no root yet.
SELECT count(*) AS jumps FROM hooked AS child INNER JOIN hooked AS parent ON child.parent = parent.node
WHERE parent.parent <> parent.node
