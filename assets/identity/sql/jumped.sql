-- Pointer jumping: every node takes its parent's parent, so paths halve. Grain: one row a node.
SELECT
    child.node,
    parent.parent
FROM hooked AS child INNER JOIN hooked AS parent ON child.parent = parent.node
