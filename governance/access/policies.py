"""From an address to a policy version. Everybody may read what everybody must obey."""

from django.http import Http404

from governance.models import PolicyState, PolicyVersion
from governance.selectors.policies import versions


def version_or_404(number: str, *, drafts: bool) -> PolicyVersion:
    """The version with this number; a draft only where drafts are shown."""
    version = versions().filter(number=number).first()
    if version is None or (version.state == PolicyState.DRAFT and not drafts):
        raise Http404("There is no such policy.")
    return version
