"""Static files under names that carry their hash, compressed when they are collected."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzippedManifestStorage(CompressedManifestStaticFilesStorage):
    """Without Brotli, which takes ten seconds for Plotly alone and would delay every start."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return Compressor(use_brotli=False, **kwargs)
