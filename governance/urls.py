from django.urls import path

from governance.views import incidents, policies

app_name = "governance"
_INCIDENTS = [
    path("incidents/", incidents.incident_list, name="incident_list"),
    path("incidents/new/", incidents.report_incident, name="report_incident"),
    path("incidents/<str:ref>/", incidents.incident_detail, name="incident_detail"),
    path("incidents/<str:ref>/edit/", incidents.edit_incident, name="edit_incident"),
    path("incidents/<str:ref>/mitigate/", incidents.mitigate_incident, name="mitigate_incident"),
    path("incidents/<str:ref>/resolve/", incidents.resolve_incident, name="resolve_incident"),
    path("incidents/<str:ref>/actions/new/", incidents.plan_action, name="plan_action"),
    path("incidents/<str:ref>/clocks/<slug:clock>/", incidents.tell_authority, name="tell_authority"),
    path("incidents/actions/<int:pk>/done/", incidents.finish_action, name="finish_action"),
]
_POLICIES = [
    path("policies/", policies.policy_list, name="policy_list"),
    path("policies/<str:number>/", policies.policy_detail, name="policy_detail"),
    path("readiness/", policies.readiness, name="readiness"),
    path("readiness/<slug:framework>/", policies.framework_detail, name="framework_detail"),
]
urlpatterns = [*_POLICIES, *_INCIDENTS]
