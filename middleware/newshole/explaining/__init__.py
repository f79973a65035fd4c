"""Why each block stands where it does, or nowhere: one record, in the same words wherever it is told."""
