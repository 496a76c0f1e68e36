import os

from caio_portal.local import dotenv


def test_load_reads_names_and_values_and_lets_the_environment_win(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {"PORT": "1"})
    file = tmp_path / ".env"
    file.write_text("# a comment\nPORT=2\nNAME = 'a value = b'\nEMPTY=\n\nnonsense\n")

    dotenv.load(file)

    assert os.environ == {"PORT": "1", "NAME": "a value = b", "EMPTY": ""}


def test_load_without_a_file_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {})

    dotenv.load(tmp_path / ".env")

    assert os.environ == {}
