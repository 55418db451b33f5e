"""What every stage uses: keys, partitions, the lake, the SQL runner, metadata, failures."""
