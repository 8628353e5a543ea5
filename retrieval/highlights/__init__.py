"""From a stored page and a query to the places that answer it."""
