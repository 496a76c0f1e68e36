from django.urls import path

from portfolio.assets import reading_views, views

urlpatterns = [
    path("", views.asset_list, {"kind": "models"}, name="asset_home"),
    path("read/", reading_views.read_assets, name="read_assets"),
    path("read/<str:token>/", reading_views.check_assets, name="check_assets"),
    path("bom/", reading_views.export_bom, name="export_bom"),
    path("<str:kind>/", views.asset_list, name="asset_list"),
    path("<str:kind>/new/", views.new_asset, name="new_asset"),
    path("<str:kind>/<int:pk>/", views.asset_detail, name="asset_detail"),
    path("<str:kind>/<int:pk>/edit/", views.edit_asset, name="edit_asset"),
    path("<str:kind>/<int:pk>/retire/", views.retire_asset, name="retire_asset"),
]
