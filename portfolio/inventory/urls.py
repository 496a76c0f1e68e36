from django.urls import path

from portfolio.inventory import profile_views, views

urlpatterns = [
    path("", views.batch_list, name="batch_list"),
    path("import/", views.upload_inventory, name="upload_inventory"),
    path("import/<int:pk>/", views.import_job, name="import_job"),
    path("import/<int:pk>/continue/", views.continue_import, name="continue_import"),
    path("import/<int:pk>/report/", views.download_import_report, name="download_import_report"),
    path("import/<int:pk>/map/", profile_views.look_again, name="look_again"),
    path("map/<int:pk>/", profile_views.map_inventory, name="map_inventory"),
    path("profiles/", profile_views.profile_list, name="profile_list"),
    path("profiles/<slug:key>/", profile_views.profile_detail, name="profile_detail"),
    path("profiles/<slug:key>/file/", profile_views.download_profile, name="download_profile"),
    path("readiness/", views.inventory_readiness, name="inventory_readiness"),
    path("readiness/blanks/", views.download_blanks, name="download_blanks"),
    path("export/", views.export_inventory, name="export_inventory"),
    path("<int:pk>/", views.batch_detail, name="batch_detail"),
    path("<int:pk>/file/", views.download_batch_file, name="download_batch_file"),
    path("<int:pk>/report/", views.download_batch_report, name="download_batch_report"),
    path("<int:pk>/withdraw/", views.withdraw_batch, name="withdraw_batch"),
]
