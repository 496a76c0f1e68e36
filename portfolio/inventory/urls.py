from django.urls import path

from portfolio.inventory import views

urlpatterns = [
    path("", views.batch_list, name="batch_list"),
    path("import/", views.upload_inventory, name="upload_inventory"),
    path("import/<int:pk>/", views.import_job, name="import_job"),
    path("import/<int:pk>/continue/", views.continue_import, name="continue_import"),
    path("import/<int:pk>/report/", views.download_import_report, name="download_import_report"),
    path("readiness/", views.inventory_readiness, name="inventory_readiness"),
    path("export/", views.export_inventory, name="export_inventory"),
    path("<int:pk>/", views.batch_detail, name="batch_detail"),
    path("<int:pk>/file/", views.download_batch_file, name="download_batch_file"),
    path("<int:pk>/report/", views.download_batch_report, name="download_batch_report"),
    path("<int:pk>/withdraw/", views.withdraw_batch, name="withdraw_batch"),
]
