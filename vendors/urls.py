from django.urls import path

from vendors import edit_views, views

app_name = "vendors"
urlpatterns = [
    path("vendors/", views.vendor_list, name="vendor_list"),
    path("vendors/compare/", views.vendor_comparison, name="vendor_comparison"),
    path("vendors/renewals/", views.renewal_calendar, name="renewal_calendar"),
    path("vendors/new/", edit_views.register_vendor, name="register_vendor"),
    path("vendors/<int:pk>/", views.vendor_detail, name="vendor_detail"),
    path("vendors/<int:pk>/edit/", edit_views.edit_vendor, name="edit_vendor"),
    path("vendors/<int:pk>/retire/", edit_views.retire_vendor, name="retire_vendor"),
    path("vendors/<int:pk>/score/<slug:criterion>/", edit_views.score_criterion, name="score_criterion"),
    path("vendors/<int:pk>/products/new/", edit_views.add_product, name="add_product"),
    path("vendors/products/<int:pk>/edit/", edit_views.edit_product, name="edit_product"),
    path("vendors/<int:pk>/contracts/new/", edit_views.sign_contract, name="sign_contract"),
    path("vendors/contracts/<int:pk>/edit/", edit_views.edit_contract, name="edit_contract"),
    path("vendors/<int:pk>/assessments/new/", edit_views.record_assessment, name="record_assessment"),
    path("vendors/assessments/<int:pk>/file/", views.download_assessment, name="download_assessment"),
]
