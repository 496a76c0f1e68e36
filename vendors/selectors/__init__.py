"""What the vendor pages show, each in a constant number of queries."""

from vendors.selectors.comparison import Comparison, comparison
from vendors.selectors.contracts import NOTICE_SOON, ContractRow, renewals
from vendors.selectors.page import VendorPage, vendor_page
from vendors.selectors.scores import ADVICE_TONES, advice_mark, cell, cells, quarters_scored, score_before, scored

__all__ = [
    "ADVICE_TONES",
    "NOTICE_SOON",
    "Comparison",
    "ContractRow",
    "VendorPage",
    "advice_mark",
    "cell",
    "cells",
    "comparison",
    "quarters_scored",
    "renewals",
    "score_before",
    "scored",
    "vendor_page",
]
