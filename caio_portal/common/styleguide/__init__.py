"""The page that shows every component in every state: what pages are built from, and what must not break."""

from caio_portal.common.styleguide.views import styleguide

__all__ = ["styleguide"]
