"""A reader of Parquet files: flat columns, and maps and lists as JSON; in the child process, with nothing but Python.

Source: the Parquet format specification (parquet.thrift, Encodings.md), version 2.
"""

from caio_portal.common.uploads.parquet.reading import MARK, rows

__all__ = ["MARK", "rows"]
