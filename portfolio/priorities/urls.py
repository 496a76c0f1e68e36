from django.urls import path

from portfolio.priorities import views

urlpatterns = [
    path("priorities/", views.priority_list, name="priority_list"),
    path("priorities/stop/", views.stop_list, name="stop_list"),
    path("priorities/weights/", views.weigh, name="weigh"),
]
