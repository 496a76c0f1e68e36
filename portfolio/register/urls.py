from django.urls import path

from portfolio.register import public, views

urlpatterns = [
    path("inventory/registers/", views.register_list, name="register_list"),
    path("inventory/registers/new/", views.new_register, name="new_register"),
    path("inventory/registers/<int:pk>/", views.edit_register, name="edit_register"),
    path("inventory/registers/<int:pk>/open/", views.open_register, name="open_register"),
    path("inventory/registers/<int:pk>/close/", views.close_register, name="close_register"),
    path("register/<slug:slug>/", public.register_page, name="register_page"),
    path("register/<slug:slug>/feed/", public.register_feed, name="register_feed"),
    path("register/<slug:slug>/data.json", public.register_data, name="register_data"),
]
