"""What readers met and did, from the worker that saw it to a table: nothing lost, nothing twice."""
