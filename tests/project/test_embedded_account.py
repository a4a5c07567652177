import os
import shutil
import subprocess
from pathlib import Path

import pytest

from yuejingzhun.project.embedded_account import Account, account_for

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the server as himself")


def identity(account: Account, folder: Path, output: Path) -> str:
    with output.open("wb") as stream:
        process = account.launch(["/bin/sh", "-c", f"id -u; ls {folder}; echo $PGPORT$PGDATA$LANG"], stream)
    assert process.wait() == 0, output.read_text()
    return output.read_text()


def test_an_account_passes_by_the_modes_of_all_folders_above(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    owner, stranger = Account(os.geteuid(), os.getegid()), Account(54321, 54321)
    assert owner.reaches(inner)
    assert Path("/").stat().st_mode & 1
    assert stranger.reaches(Path("/"))
    (tmp_path / "outer").chmod(0o700)
    assert owner.reaches(inner)
    assert not stranger.reaches(inner)
    (tmp_path / "outer").chmod(0o077)
    assert not owner.reaches(inner)
    (tmp_path / "outer").chmod(0o700)


@pytest.mark.skipif(os.geteuid() == 0, reason="root hands over to another account")
def test_an_ordinary_user_runs_it_as_himself(tmp_path: Path) -> None:
    assert account_for(tmp_path, [tmp_path]) == Account(os.geteuid(), os.getegid())


@only_root
def test_root_hands_over_to_another_account_with_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/elsewhere")
    account = account_for(tmp_path / "none", [Path("/usr")])
    assert account.uid != 0
    assert account.prefix == ()
    assert identity(account, Path("/usr/bin/env"), tmp_path / "out") == f"{account.uid}\n/usr/bin/env\n\n"


@only_root
@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs util-linux")
def test_a_closed_folder_is_passed_without_opening_it_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inside").mkdir(parents=True)
    (closed / "inside" / "seen").touch()
    closed.chmod(0o700)
    account = account_for(tmp_path / "none", [closed / "inside"])
    assert identity(account, closed / "inside", tmp_path / "out") == f"{account.uid}\nseen\n\n"
    assert closed.stat().st_mode & 0o777 == 0o700
    with pytest.raises(subprocess.CalledProcessError):
        subprocess.run(["ls", closed], check=True, user=account.uid, group=account.gid, capture_output=True)


@only_root
def test_data_are_run_by_their_owner(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    os.chown(data, 54321, 54322)
    account = account_for(data, [])
    assert (account.uid, account.gid) == (54321, 54322)
