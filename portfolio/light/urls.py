from django.urls import path

from portfolio.light import tool_views, views

urlpatterns = [
    path("common-uses/", views.common_use_list, name="common_use_list"),
    path("common-uses/declare/", views.declare_common_use, name="declare_common_use"),
    path("common-uses/export/", views.export_common_uses, name="export_common_uses"),
    path("common-uses/<int:pk>/", views.common_use_detail, name="common_use_detail"),
    path("common-uses/<int:pk>/change/", views.change_common_use, name="change_common_use"),
    path("common-uses/<int:pk>/switch/<int:tool>/", views.switch_common_use, name="switch_common_use"),
    path("common-uses/<int:pk>/end/", views.end_common_use, name="end_common_use"),
    path("intake/running/", views.report_running_use, name="report_running_use"),
    path("tools/", tool_views.tool_list, name="tool_list"),
    path("tools/new/", tool_views.new_tool, name="new_tool"),
    path("tools/<int:pk>/", tool_views.tool_detail, name="tool_detail"),
    path("tools/<int:pk>/edit/", tool_views.edit_tool, name="edit_tool"),
    path("tools/<int:pk>/end/", tool_views.end_tool, name="end_tool"),
]
