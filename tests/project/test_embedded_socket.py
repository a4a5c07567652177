import os
from pathlib import Path

import pytest

from yuejingzhun.project.embedded_account import Account
from yuejingzhun.project.embedded_failure import DatabaseError
from yuejingzhun.project.embedded_socket import ADDRESS_BYTES, SOCKET, claim_socket_folder, release_socket_folder

MYSELF = Account(os.geteuid(), os.getegid())


@pytest.mark.parametrize("place", ["x" * 150, "临,时"])
def test_a_place_that_no_address_can_name_is_passed_over(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / place).mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / place))
    folder = claim_socket_folder(tmp_path, MYSELF)
    assert not folder.is_relative_to(tmp_path)
    assert len(os.fsencode(folder / SOCKET)) <= ADDRESS_BYTES
    assert folder.stat().st_mode & 0o777 == 0o700
    release_socket_folder(folder)
    assert not folder.exists()


def test_clones_get_folders_of_their_own_and_a_stale_socket_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = (claim_socket_folder(tmp_path / name, MYSELF) for name in "ab")
    assert one != two
    (one / SOCKET).touch()
    (one / f"{SOCKET}.lock").touch()
    assert claim_socket_folder(tmp_path / "a", MYSELF) == one
    assert not list(one.iterdir())


def test_a_folder_that_others_may_enter_or_a_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = claim_socket_folder(tmp_path, MYSELF)
    folder.chmod(0o755)
    with pytest.raises(DatabaseError, match="私有目录"):
        claim_socket_folder(tmp_path, MYSELF)
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatabaseError, match="私有目录"):
        claim_socket_folder(tmp_path, MYSELF)
