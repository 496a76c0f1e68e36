from django.urls import path, register_converter

from caio_portal.briefings import executive_views, views


class QuarterConverter:
    regex = "[0-9]{4}Q[1-4]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(QuarterConverter, "quarter")

app_name = "briefings"
urlpatterns = [
    path("executive/", executive_views.executive, name="executive"),
    path("briefings/", views.briefing_list, name="briefing_list"),
    path("briefings/draft/", views.draft_briefing, name="draft_briefing"),
    path("briefings/paper.css", views.preview_stylesheet, name="preview_stylesheet"),
    path("briefings/<quarter:quarter>/", views.briefing_detail, name="briefing_detail"),
    path("briefings/<quarter:quarter>/preview/", views.briefing_preview, name="briefing_preview"),
    path("briefings/<int:pk>/narrative/", views.edit_narrative, name="edit_narrative"),
    path("briefings/<int:pk>/render/", views.request_rendition, name="request_rendition"),
    path("briefings/<int:pk>/approve/", views.approve_briefing, name="approve_briefing"),
    path("briefings/<int:pk>/publish/", views.publish_briefing, name="publish_briefing"),
    path("briefings/<int:pk>/file/", views.download_briefing, name="download_briefing"),
]
