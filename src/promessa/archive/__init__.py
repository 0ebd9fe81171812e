"""The data behind reports: the event logs as Parquet files, and questions that DuckDB answers from them.

Everything here runs in processes of its own, beside serving and never in it. It needs DuckDB: the extra `reports`.
"""
