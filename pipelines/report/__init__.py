"""What commands read from the lake and say about it. Plain frames and dataclasses; printing is in `pipelines.cli`."""
