"""Frameworks, laws and their dates as data: whose duty, when, and which controls answer them."""

from governance.frameworks.catalogue import Framework, Frameworks, Item, Milestone, catalogue
from governance.frameworks.clocks import Clock, ClockFor, clocks_for

__all__ = ["Clock", "ClockFor", "Framework", "Frameworks", "Item", "Milestone", "catalogue", "clocks_for"]
