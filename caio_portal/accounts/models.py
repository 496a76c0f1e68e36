from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from caio_portal.accounts.roles import Role, Roles
from caio_portal.common.models import Job


class UserKind(models.TextChoices):
    PERSON = "person", "Person"
    GUEST = "guest", "Guest"  # registered a use case, has no account to sign in with
    SERVICE = "service", "Service"


class Users(BaseUserManager["User"]):
    """What Django's and allauth's sign-in ask a manager for."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person (or guest, or service); what they may do is in their role grants."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10, choices=UserKind, default=UserKind.PERSON)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = Users()
    known_roles: Roles | None = None  # filled by selectors.roles_of, for one request

    class Meta:
        db_table = "user"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(name="user_kind_known", condition=Q(kind__in=UserKind.values)),
        ]
        indexes = [models.Index(name="user_by_name", fields=["name"])]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


class OrgUnitQuerySet(models.QuerySet["OrgUnit"]):
    def below(self, unit: "OrgUnit") -> Self:
        """UNIT and every unit under it."""
        return self.filter(path__startswith=unit.path)


class OrgUnit(models.Model):
    """A node of the organisation tree; `path` lists the keys from the root, as in "1.4.9."."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=255, unique=True)
    time_zone = models.CharField(max_length=60, blank=True)

    objects = OrgUnitQuerySet.as_manager()

    class Meta:
        db_table = "org_unit"
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(name="org_unit_name_once_per_parent", fields=["parent", "name"]),
            models.UniqueConstraint(name="org_unit_root_name_once", fields=["name"], condition=Q(parent=None)),
            models.CheckConstraint(name="org_unit_path_ends_with_dot", condition=Q(path__endswith=".")),
        ]
        indexes = [
            models.Index(name="org_unit_path_prefix", fields=["path"], opclasses=["varchar_pattern_ops"]),
            models.Index(name="org_unit_by_name", fields=["name"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        return self.path.count(".") - 1


class RoleGrant(models.Model):
    """A role that a person holds for a unit and all units below it, from a day and perhaps until one."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    function = models.CharField(max_length=40, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "role_grant"
        constraints = [
            models.UniqueConstraint(
                name="role_grant_once_in_force", fields=["user", "unit", "role", "function"], condition=Q(ends_on=None)
            ),
            models.CheckConstraint(name="role_grant_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="role_grant_days_in_order", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="role_grant_reviewer_has_function", condition=~Q(role=Role.REVIEWER) | ~Q(function="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.unit}"


class Notice(models.Model):
    """Something a person should know: in the portal, and by the mail that its job sends."""

    user = models.ForeignKey(User, models.PROTECT, related_name="notices")
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "notice"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(name="notice_unread", fields=["user"], condition=Q(read_at=None))]

    def __str__(self) -> str:
        return self.text


class ApiToken(models.Model):
    """A key for programs: only its hash is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "api_token"

    def __str__(self) -> str:
        return self.name
