"""The configuration file: what it may say, and what is told where it says something else."""

from __future__ import annotations

import ssl

import pytest

import dicom_widgets as dw
from dicom_widgets import config
from dicom_widgets.errors import ConfigError


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """Write a configuration file and let the environment name it."""

    def write(content: str | bytes):
        path = tmp_path / "remotes.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.setenv("DICOM_WIDGETS_CONFIG", str(path))
        return path

    return write


HOSPITAL = """
ae_title = "NOTEBOOK"
listen_port = 11113

[remotes.hospital]
ae_title = "PACS"
host = "pacs.example.org"
port = 104
wado_uri = "http://pacs.example.org/wado"
auth = "PACS_TOKEN"
store_from = [["NODE2", "10.0.0.0/8"]]
dimse_timeout = 12.5

[remotes."The archive"]
ae_title = "ARCHIVE"
host = "10.0.0.7"
port = 11112
"""


def test_remotes_are_those_of_the_file_by_name_in_its_order(configured, monkeypatch):
    configured(HOSPITAL)
    monkeypatch.setenv("PACS_TOKEN", "s3cret")
    found = dw.remotes()
    assert list(found) == ["hospital", "The archive"]
    assert found["The archive"] == dw.RemoteAE("ARCHIVE", "10.0.0.7", 11112)
    hospital = found["hospital"]
    assert (hospital.ae_title, hospital.host, hospital.port) == ("PACS", "pacs.example.org", 104)
    assert (hospital.wado_uri, hospital.way, hospital.dimse_timeout) == (
        "http://pacs.example.org/wado",
        "C-GET",
        12.5,
    )
    assert hospital.store_from == (("NODE2", "10.0.0.0/8"),)
    assert isinstance(hash(hospital), int)


def test_a_secret_comes_from_the_environment_and_is_in_no_picture_of_the_remote(configured, monkeypatch):
    configured(HOSPITAL)
    monkeypatch.setenv("PACS_TOKEN", "s3cret")
    hospital = dw.remotes()["hospital"]
    assert hospital.auth == "s3cret"
    assert "s3cret" not in repr(hospital) + str(hospital)


def test_who_we_are_and_a_user_with_a_password_come_from_the_environment_too(configured, monkeypatch):
    configured(ONE + 'port = 104\nauth = "WADO"\nidentity = "WHO"')
    monkeypatch.setenv("WADO", "alice:pass:word")
    monkeypatch.setenv("WHO", "alice")
    one = dw.remotes()["one"]
    assert (one.auth, one.identity) == (("alice", "pass:word"), "alice")
    assert "alice" not in repr(one)


def test_an_option_that_does_not_exist_is_refused_in_words():
    """A misspelt "mask" must not show names."""
    with pytest.raises(ValueError, match="'maks': give one of 'live', 'mask', 'show'"):
        dw.options.phi = "maks"
    with pytest.raises(AttributeError, match="no option 'fi'; there are phi, static, script"):
        dw.options.fi = "mask"
    assert dw.options.phi == "live"


@pytest.mark.parametrize(("given", "secured"), [("true", True), ("false", False)])
def test_tls_by_the_authorities_of_the_system(configured, given, secured):
    configured(ONE + f"port = 104\ntls = {given}\nhttp_tls = {given}")
    one = dw.remotes()["one"]
    assert [isinstance(c, ssl.SSLContext) for c in (one.tls, one.http_tls)] == [secured, secured]
    assert not secured or one.tls.verify_mode == ssl.CERT_REQUIRED


def test_a_certificate_that_is_not_there_is_named(configured, tmp_path):
    configured(ONE + f'port = 104\ntls = {{ca = "{tmp_path}/ca.pem"}}')
    with pytest.raises(ConfigError, match=r"one.*No such file"):
        dw.remotes()


def test_a_secret_that_is_not_set_is_named(configured, monkeypatch):
    configured(HOSPITAL)
    monkeypatch.delenv("PACS_TOKEN", raising=False)
    with pytest.raises(ConfigError, match=r"\$PACS_TOKEN"):
        dw.remotes()


def test_a_session_takes_title_and_port_from_the_file_unless_it_is_told_others(configured, monkeypatch):
    configured(HOSPITAL)
    monkeypatch.setenv("PACS_TOKEN", "s3cret")
    with dw.Session() as session, dw.Session("OTHER", listen_port=0) as other:
        assert session.address == ("NOTEBOOK", "127.0.0.1", 11113)
        assert other.address[:2] == ("OTHER", "127.0.0.1")
        assert 1024 <= other.address[2] < 65536  # a free one, known before the listener starts


def test_an_empty_variable_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("DICOM_WIDGETS_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config.load() == config.Config()


def test_an_empty_file_gives_the_defaults_of_the_statement(configured):
    configured("")
    assert config.load() == config.Config("DICOM_WIDGETS", 11112, {})


def test_without_a_file_the_defaults_hold_and_the_users_folder_is_where_it_is_looked_for(monkeypatch, tmp_path):
    monkeypatch.delenv("DICOM_WIDGETS_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config.path() == tmp_path / "dicom_widgets" / "remotes.toml"
    assert config.load() == config.Config()


def test_a_file_in_the_users_folder_is_read(monkeypatch, tmp_path):
    monkeypatch.delenv("DICOM_WIDGETS_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "dicom_widgets").mkdir()
    (tmp_path / "dicom_widgets" / "remotes.toml").write_text('ae_title = "MINE"')
    assert config.load().ae_title == "MINE"


def test_a_named_file_that_is_missing_is_an_error_with_its_path(monkeypatch, tmp_path):
    monkeypatch.setenv("DICOM_WIDGETS_CONFIG", str(tmp_path / "nowhere.toml"))
    with pytest.raises(ConfigError, match=r"nowhere\.toml, which does not exist"):
        config.load()


ONE = '[remotes.one]\nae_title = "ONE"\nhost = "127.0.0.1"\n'
WRONG = [
    # content, words of the sentence
    ("ae_title = ", "cannot be read"),
    ('[remotes.a]\nhost = "x\n', "line 2"),
    (b"ae_title = '\xff\xfe'", "cannot be read"),
    ('aetitle = "X"', "unknown entry 'aetitle'"),
    ('[remote.one]\nae_title = "X"', "unknown entry 'remote'"),
    ('remotes = "PACS"', "remotes"),
    ('[remotes]\none = "PACS"', "one"),
    ("ae_title = 5", "ae_title"),
    ('ae_title = "LONGER THAN 16 CHARS"', "ae_title"),
    ('listen_port = "11112"', "listen_port"),
    ("listen_port = 70000", "listen_port"),
    (ONE, "port"),
    (ONE + 'port = "104"', "port"),
    (ONE + "port = 0", "port"),
    (ONE + "port = true", "port"),
    (ONE + "port = 104\ntittle = 1", "tittle"),
    (ONE + 'port = 104\nway = "FTP"', "FTP"),
    (ONE + "port = 104\nauth = 5", "auth"),
    (ONE + "port = 104\ndimse_timeout = -1", "dimse_timeout"),
    (ONE + 'port = 104\nacse_timeout = "10 s"', "acse_timeout"),
    (ONE + 'port = 104\nstore_from = "NODE2"', "store_from"),
    (ONE + 'port = 104\ntls = "yes"', "tls"),
    (ONE + 'port = 104\ntls = {cert = "x"}', "tls"),
    (ONE + "port = 104\nhttp_parallel = 0", "http_parallel"),
    (ONE + 'port = 104\nwado_uri = "ftp://x"', "wado_uri"),
    ('[remotes.one]\nae_title = ""\nhost = "h"\nport = 104', "no AE title"),
    ('[remotes.one]\nae_title = "ÄRZTE"\nhost = "h"\nport = 104', "no AE title"),
    ('[remotes.one]\nae_title = "SEVENTEEN LETTERS"\nhost = "h"\nport = 104', "no AE title"),
    ('[remotes.one]\nae_title = 7\nhost = "h"\nport = 104', "no AE title"),
    ('[remotes.one]\nae_title = "X"\nhost = ""\nport = 104', "no host"),
]


@pytest.mark.parametrize(("content", "words"), WRONG)
def test_what_is_wrong_in_the_file_is_told_with_its_path_and_place(configured, content, words):
    path = configured(content)
    with pytest.raises(ConfigError, match=words) as caught:
        dw.remotes()
    assert str(path) in str(caught.value)


def test_a_broken_file_is_told_by_a_new_session_too(configured):
    configured("ae_title = ")
    with pytest.raises(ConfigError, match="cannot be read"):
        dw.Session()


def test_nobody_is_asked_for_a_secret_that_no_remote_needs(configured):
    configured(ONE + "port = 104")
    assert dw.remotes() == {"one": dw.RemoteAE("ONE", "127.0.0.1", 104)}


@pytest.mark.parametrize("title", ["", " ", "A" * 17, "A\\B", "ÄRZTE", "A\nB"])
def test_a_session_refuses_what_is_no_ae_title(title):
    if title == "":
        with dw.Session(title) as session:  # nothing said: the configured one
            assert session.ae_title == "DICOM_WIDGETS"
        return
    with pytest.raises(ValueError, match="no AE title"):
        dw.Session(title)


def test_the_greatest_ae_title_has_16_characters():
    assert dw.RemoteAE("A" * 16, "127.0.0.1", 65535).ae_title == "A" * 16
