from django.urls import path

from kpis.views import alerts, allocation, feeds, notes, pushing, scorecard, targets

app_name = "kpis"
urlpatterns = [
    path("kpis/", scorecard.scorecard, name="scorecard"),
    path("kpis/alerts/", alerts.alert_list, name="alert_list"),
    path("kpis/alerts/<int:pk>/", alerts.alert_detail, name="alert_detail"),
    path("kpis/alerts/<int:pk>/acknowledge/", alerts.acknowledge_alert, name="acknowledge_alert"),
    path("kpis/alerts/<int:pk>/mute/", alerts.mute_alert, name="mute_alert"),
    path("kpis/alerts/<int:pk>/incident/", alerts.link_incident, name="link_incident"),
    path("kpis/alerts/<int:pk>/review/", alerts.ask_rereview, name="ask_rereview"),
    path("kpis/allocation/", allocation.allocation, name="allocation"),
    path("kpis/allocation/<int:pk>/", allocation.allocate, name="allocate"),
    path("kpis/feeds/<int:pk>/rules/<int:number>/remove/", allocation.remove_rule, name="remove_rule"),
    path("kpis/feeds/<int:pk>/again/", allocation.read_again, name="read_again"),
    path("kpis/budget/", targets.budget, name="budget"),
    path("kpis/budget/plan/", targets.set_budget, name="set_budget"),
    path("kpis/feeds/", feeds.feed_list, name="feed_list"),
    path("kpis/feeds/new/", feeds.add_feed, name="add_feed"),
    path("kpis/feeds/<int:pk>/", feeds.feed_detail, name="feed_detail"),
    path("kpis/feeds/<int:pk>/edit/", feeds.edit_feed, name="edit_feed"),
    path("kpis/feeds/<int:pk>/try/", feeds.try_file, name="try_file"),
    path("kpis/feeds/<int:pk>/load/", feeds.load_file, name="load_file"),
    path("kpis/feeds/<int:pk>/push/", pushing.push_file, name="push_file"),
    path("kpis/feeds/<int:pk>/token/", pushing.make_token, name="make_token"),
    path("kpis/feeds/<int:pk>/schema/", pushing.feed_schema, name="feed_schema"),
    path("kpis/batches/<int:pk>/withdraw/", feeds.withdraw_batch, name="withdraw_batch"),
    path("kpis/batches/<int:pk>/file/", feeds.download_batch, name="download_batch"),
    path("kpis/<slug:key>/", scorecard.kpi_detail, name="kpi_detail"),
    path("kpis/notes/<int:pk>/remove/", notes.remove_note, name="remove_note"),
    path("kpis/<slug:key>/rows/", notes.kpi_rows, name="kpi_rows"),
    path("kpis/<slug:key>/notes/", notes.annotate, name="annotate"),
    path("kpis/<slug:key>/export/", scorecard.export_kpi, name="export_kpi"),
    path("kpis/<slug:key>/target/", targets.set_target, name="set_target"),
]
