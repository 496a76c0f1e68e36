from django.urls import URLPattern, URLResolver, include, path

from portfolio.views import actions, dossier, intake, lists, people, several, value

app_name = "portfolio"
urlpatterns: list[URLPattern | URLResolver] = [
    path("use-cases/", lists.use_case_list, name="use_case_list"),
    path("use-cases/several/", several.change_several, name="change_several"),
    path("use-cases/views/", lists.save_view, name="save_view"),
    path("use-cases/views/<int:pk>/hide/", lists.hide_view, name="hide_view"),
    path("use-cases/<str:ref>/", dossier.use_case_detail, name="use_case_detail"),
    path("use-cases/<str:ref>/edit/", dossier.edit_use_case, name="edit_use_case"),
    path("use-cases/<str:ref>/similar/", dossier.similar_to_use_case, name="similar_to_use_case"),
    path("use-cases/<str:ref>/compare/", dossier.compare_dates, name="compare_dates"),
    path("use-cases/<str:ref>/move/", actions.move_use_case, name="move_use_case"),
    path("use-cases/<str:ref>/pause/", actions.pause_use_case, name="pause_use_case"),
    path("use-cases/<str:ref>/resume/", actions.resume_use_case, name="resume_use_case"),
    path("use-cases/<str:ref>/retire/", actions.retire_use_case, name="retire_use_case"),
    path("use-cases/<str:ref>/withdraw/", actions.withdraw_use_case, name="withdraw_use_case"),
    path("use-cases/<str:ref>/discard/", actions.discard_use_case, name="discard_use_case"),
    path("use-cases/<str:ref>/join/", people.ask_to_join, name="ask_to_join"),
    path("use-cases/<str:ref>/people/", people.name_person, name="name_person"),
    path("use-cases/<str:ref>/people/<int:pk>/remove/", people.remove_person, name="remove_person"),
    path("use-cases/<str:ref>/costs/", value.record_cost, name="record_cost"),
    path("use-cases/<str:ref>/costs/<int:pk>/remove/", value.remove_cost, name="remove_cost"),
    path("use-cases/<str:ref>/benefits/new/", value.state_benefit, name="state_benefit"),
    path("use-cases/<str:ref>/benefits/<int:pk>/", value.edit_benefit, name="edit_benefit"),
    path("use-cases/<str:ref>/benefits/<int:pk>/remove/", value.remove_benefit, name="remove_benefit"),
    path("use-cases/<str:ref>/<str:tab>/", dossier.use_case_tab, name="use_case_tab"),
    path("", include("portfolio.register.urls")),
    path("inventory/", include("portfolio.inventory.urls")),
    path("intake/new/", intake.intake_new, name="intake_new"),
    path("intake/similar/", intake.similar_use_cases, name="similar_use_cases"),
    path("intake/<str:ref>/", intake.intake_resume, name="intake_resume"),
    path("intake/<str:ref>/check/", intake.intake_check, name="intake_check"),
    path("intake/<str:ref>/lower/", intake.what_would_lower, name="what_would_lower"),
    path("intake/<str:ref>/submit/", intake.submit_use_case, name="submit_use_case"),
    path("intake/<str:ref>/<str:section>/", intake.intake_section, name="intake_section"),
]
