from django.urls import path

from caio_portal.accounts import audit_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("notices/", views.notice_list, name="notice_list"),
    path("notices/read/", views.mark_notices_read, name="mark_notices_read"),
    path("people/", views.people_list, name="people_list"),
    path("jobs/<int:pk>/", views.job_detail, name="job_detail"),
    path("jobs/<int:pk>/cancel/", views.cancel_job, name="cancel_job"),
    path("jobs/<int:pk>/retry/", views.retry_job, name="retry_job"),
    path("audit/", audit_views.audit_trail, name="audit_trail"),
    path("audit/verify/", audit_views.verify_audit_trail, name="verify_audit_trail"),
    path("audit/export/", audit_views.export_audit_trail, name="export_audit_trail"),
]
