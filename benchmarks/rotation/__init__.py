"""`make rotation-bench`: what it takes to seal all records of a tenant again, in CPU and in memory."""
