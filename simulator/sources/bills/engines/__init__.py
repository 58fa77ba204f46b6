"""What adds the lines of an export up: DuckDB, Spark, Athena."""
