"""`hailong-audit` as it is typed: pull, figures, compare, prove, cosign; words for people."""

import json
import os
import re
import string
import threading
from pathlib import Path

import pytest

from auditor.__main__ import main
from auditor.cosigner import Cosigner, make_key, read_key
from auditor.sentences import SENTENCES
from protocol.checkpoint import Checkpoint, LogKey, read_checkpoint, sign_checkpoint
from protocol.cosignature import ToCosign, Witness, open_cosignatures
from protocol.crockford import vote_code
from protocol.journal import read_line
from protocol.merkle import leaf_hash, verify_inclusion
from protocol.tiles import TiledTree
from protocol.tlog_proof import TlogProof
from tests.auditor.maker import KEY, LOG, ORIGIN, OTHER_LOG, Log, large_log, served, small_log

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def log() -> Log:
    return small_log()[0]


def test_pull_brings_only_what_is_new_and_what_it_brought_is_proved(
    tmp_path: Path, capsys: Capture
) -> None:
    log, _ = large_log(600)
    whole, copy = log.entries, tmp_path / "copy"
    log.entries = whole[:300]
    with served(log.write(tmp_path / "first")) as url:
        assert main(["pull", url, str(copy), "--token", "secret"]) == 0
        assert main(["verify", str(copy), "--key", KEY.vkey]) == 2  # cut amid a request
    log.entries = whole
    kept = (copy / "tile" / "0" / "000").stat().st_mtime_ns
    with served(log.write(tmp_path / "second")) as url:
        assert main(["pull", f"{url}/log/", str(copy), "--token", "secret"]) == 0
    assert (copy / "tile" / "0" / "000").stat().st_mtime_ns == kept
    assert main(["verify", str(copy), "--key", KEY.vkey]) == 0
    assert "300 -> 614" in capsys.readouterr().out
    written = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    fresh = {path.relative_to(tmp_path / "second").as_posix()
             for path in (tmp_path / "second").rglob("*") if path.is_file()}  # fmt: skip
    assert written == fresh | {".pulling"}
    assert not any(b"secret" in (copy / name).read_bytes() for name in written)


def test_a_pull_with_the_key_takes_nothing_that_the_log_did_not_sign(
    log: Log, tmp_path: Path, capsys: Capture
) -> None:
    with served(log.write(tmp_path / "log")) as url:
        words = ["pull", url, str(tmp_path / "copy"), "--token", "secret", "--lang", "en"]
        assert main([*words, "--key", LogKey(ORIGIN, OTHER_LOG.public_key()).vkey]) == 1
        assert "nothing was copied" in capsys.readouterr().err
        assert not (tmp_path / "copy" / "checkpoint").exists()
        assert main([*words, "--key", KEY.vkey]) == 0
        assert "was not checked" not in capsys.readouterr().err
        assert main(words) == 0
        assert "was not checked: give --key" in capsys.readouterr().err


def test_an_entry_that_a_server_serves_changed_is_named_and_never_copied(
    log: Log, tmp_path: Path, capsys: Capture
) -> None:
    folder = log.write(tmp_path / "log")
    at = next(i for i, entry in enumerate(log.entries) if b'"rating":5' in entry)
    line = read_line(log.entries[at])
    bundle = next((folder / "tile" / "entries").rglob("*.p/*"))
    bundle.write_bytes(bundle.read_bytes().replace(b'"rating":5', b'"rating":1', 1))
    with served(folder) as url:
        assert main(["pull", url, str(tmp_path / "copy"), "--token", "secret"]) == 1
        assert f"line {line.seq})" in capsys.readouterr().err
        assert not (tmp_path / "copy" / "checkpoint").exists()
        words = ["verify", url, "--key", KEY.vkey, "--token", "secret", "--json"]
        assert main(words) == 1
    found = json.loads(capsys.readouterr().out)["contradictions"]
    (leaf,) = [one["values"] for one in found if one["code"] == "leaf"]
    assert (leaf["index"], leaf["journal"], leaf["seq"]) == (at, line.journal, line.seq)


def test_a_pull_cut_in_the_middle_leaves_the_old_copy_and_goes_on_later(tmp_path: Path) -> None:
    log, _ = large_log(1_500)
    whole, copy = log.entries, tmp_path / "copy"
    log.entries = whole[:308]
    with served(log.write(tmp_path / "first")) as url:
        assert main(["pull", url, str(copy), "--token", "secret"]) == 0
    log.entries = whole
    folder = log.write(tmp_path / "second")
    with served(folder, cut_after=2) as url:
        assert main(["pull", url, str(copy), "--token", "secret"]) == 2
    assert read_checkpoint((copy / "checkpoint").read_bytes()).size == 308
    assert main(["verify", str(copy), "--key", KEY.vkey]) == 0
    with served(folder) as url:
        assert main(["pull", url, str(copy), "--token", "secret"]) == 0
    assert main(["verify", str(copy), "--key", KEY.vkey]) == 0
    assert read_checkpoint((copy / "checkpoint").read_bytes()).size == len(whole)


@pytest.mark.parametrize("how", ["cut", "rewritten", "other root"])
def test_a_pull_from_a_rewritten_log_keeps_both_notes_and_the_old_copy(
    how: str, log: Log, tmp_path: Path, capsys: Capture
) -> None:
    copy = tmp_path / "copy"
    with served(log.write(tmp_path / "first")) as url:
        assert main(["pull", url, str(copy), "--token", "secret"]) == 0
    before = log.checkpoint()
    if how == "cut":
        log.entries = log.entries[:80]
    else:
        log.entries[10] = log.entries[11]
        log.entries += log.entries[:1] if how == "rewritten" else []
    with served(log.write(tmp_path / "second")) as url:
        assert main(["pull", url, str(copy), "--token", "secret"]) == 1
    kept = next(copy.glob("contradiction-*")).read_bytes()
    assert kept == before + b"\n" + log.checkpoint()
    # A log that was cut is a beginning of the copy; what else was shown contradicts it for good.
    assert main(["verify", str(copy), "--key", KEY.vkey]) == (0 if how == "cut" else 1)
    assert main(["compare", str(next(copy.glob("contradiction-*")))]) in (1, 2)
    assert "the copy is as it was" in capsys.readouterr().err


def test_without_a_token_hashes_alone_are_checked_and_the_exit_is_2(
    log: Log, tmp_path: Path, capsys: Capture
) -> None:
    with served(log.write(tmp_path / "log")) as url:
        assert main(["verify", url, "--key", KEY.vkey, "--lang", "en"]) == 2
        assert "--token" in capsys.readouterr().out
        assert main(["verify", url, "--key", KEY.vkey, "--token", "secret"]) == 0


def test_what_is_no_server_is_one_sentence(tmp_path: Path, capsys: Capture) -> None:
    with served(tmp_path) as url:
        assert main(["verify", url, "--key", KEY.vkey, "--lang", "en"]) == 2
    assert "does not answer as a log does" in capsys.readouterr().err


# --- figures --------------------------------------------------------------------------------------


def test_figures_are_counted_by_unit_kiosk_official_and_day(
    log: Log, tmp_path: Path, capsys: Capture
) -> None:
    folder = str(log.write(tmp_path / "log"))
    assert main(["figures", folder, "--by", "unit"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "unit,n1,n2,n3,n4,n5,n", "99001,12,6,6,6,6,36", "99002,6,3,3,3,3,18",
    ]  # fmt: skip
    assert main(["figures", folder, "--by", "day", "--from", "2026-11-23"]) == 0
    assert [row[:10] for row in capsys.readouterr().out.splitlines()[1:]] == [
        "2026-11-23", "2026-11-24",
    ]  # fmt: skip
    assert main(["figures", folder, "--from", "yesterday"]) == 2


def test_figures_against_tallies_name_the_cell(log: Log, tmp_path: Path, capsys: Capture) -> None:
    folder = str(log.write(tmp_path / "log"))
    main(["figures", folder])
    table = tmp_path / "tallies.csv"
    table.write_text(capsys.readouterr().out)
    assert main(["figures", folder, "--against", str(table)]) == 0
    table.write_text(
        table.read_text().replace("2026-11-22,2,1,1,1,1,6", "2026-11-22,2,1,1,1,0,5", 1)
    )
    capsys.readouterr()
    assert main(["figures", folder, "--against", str(table), "--lang", "en"]) == 1
    assert (
        "k-1, official CB-k-1, 2026-11-22, rating 5: told 0, counted 1" in capsys.readouterr().err
    )


# --- compare --------------------------------------------------------------------------------------


def test_two_inspectors_with_two_histories_hold_transferable_proof(
    log: Log, tmp_path: Path, capsys: Capture
) -> None:
    one, other, out = tmp_path / "a", tmp_path / "b", tmp_path / "proof"
    one.write_bytes(log.checkpoint())
    other.write_bytes(sign_checkpoint(Checkpoint(ORIGIN, 93, b"\x07" * 32), [LOG]))
    args = ["compare", str(one), str(other), "--key", KEY.vkey]
    assert main([*args, "--out", str(out)]) == 1
    assert out.read_bytes() == one.read_bytes() + b"\n" + other.read_bytes()
    other.write_bytes(log.checkpoint())
    assert main(args) == 0
    assert main(args[:3]) == 2  # who signed was not checked
    other.write_bytes(log.checkpoint(40))
    capsys.readouterr()
    assert main([*args, "--lang", "en"]) == 2
    assert "--log" in capsys.readouterr().out
    assert main([*args, "--log", str(log.write(tmp_path / "log"))]) == 0
    log.entries[3] = log.entries[4]
    assert main([*args, "--log", str(log.write(tmp_path / "forged"))]) == 1


def test_a_kiosks_line_and_a_qrs_text_are_pins(tmp_path: Path) -> None:
    log, kiosks = small_log()
    kiosks[0].write("checkpoint", {"note": log.checkpoint(50).decode()}, 1_900_000_000_000)
    (tmp_path / "line").write_bytes(kiosks[0].lines[-1] + b"\n")
    (tmp_path / "qr").write_bytes(log.checkpoint(50).replace(b"\n", b"\r\n").rstrip())
    files = [str(tmp_path / "line"), str(tmp_path / "qr")]
    assert main(["compare", *files, "--key", KEY.vkey]) == 0


# --- prove ----------------------------------------------------------------------------------------


def test_a_vote_is_proved_by_its_code_and_nothing_of_it_is_shown(
    log: Log, tmp_path: Path, capsys: Capture
) -> None:
    folder = log.write(tmp_path / "log")
    index = next(i for i, entry in enumerate(log.entries) if b'"type":"vote"' in entry)
    line = log.entries[index]
    assert main(["prove", vote_code(line).lower(), str(folder), "--key", KEY.vkey]) == 0
    shown = capsys.readouterr()
    proof = TlogProof.unpack(shown.out.encode())
    checkpoint = read_checkpoint(proof.checkpoint)
    verify_inclusion(index=index, size=checkpoint.size, leaf=leaf_hash(line), proof=proof.hashes,
                     root=checkpoint.root)  # fmt: skip
    assert not re.search(r"\"rating\"|wall_ms|\"counter\"", shown.out + shown.err)
    code = vote_code(line)
    assert main(["prove", code, str(folder), "--key", KEY.vkey, "--show-vote"]) == 0
    assert '"rating"' in capsys.readouterr().err
    assert main(["prove", "0000-0000-0000", str(folder), "--key", KEY.vkey]) == 2
    assert main(["prove", "nonsense", str(folder), "--key", KEY.vkey]) == 2


# --- cosign ---------------------------------------------------------------------------------------


def request(log: Log, old: int, size: int) -> bytes:
    tiles = log.tiles()
    whole = len(log.entries)
    tree = TiledTree(whole, lambda tile: tiles[_path(tile)])
    proof = tree.consistency(old, size) if old else []
    return ToCosign(old, tuple(proof), log.checkpoint(size)).pack()


def _path(tile: object) -> str:
    from protocol.tiles import tile_path

    return tile_path(tile)


@pytest.fixture
def body(tmp_path: Path, capsys: Capture) -> Path:
    assert main(["cosign", "--new-key", "inspectorate.example", str(tmp_path / "key")]) == 0
    (tmp_path / "vkey").write_text(capsys.readouterr().out)
    return tmp_path


def cosigned(body: Path, data: bytes) -> int:
    (body / "request").write_bytes(data)
    return main([
        "cosign", str(body / "request"), "--key", str(body / "key"), "--log", KEY.vkey,
        "--state", str(body / "state"), "--lang", "en", "--out", str(body / "signed"),
    ])  # fmt: skip


def test_another_body_cosigns_and_what_it_signed_is_believed(body: Path, log: Log) -> None:
    assert (body / "key").stat().st_mode & 0o777 == 0o600
    assert cosigned(body, log.checkpoint(40)) == 0
    assert cosigned(body, request(log, 40, 93)) == 0
    note = (body / "signed").read_bytes()
    witness = (body / "vkey").read_text().strip()
    assert [one.name for one in open_cosignatures(note, [Witness.parse(witness)])] == [
        "inspectorate.example"
    ]
    log.cosigned = note
    folder = str(log.write(body / "log"))
    assert main(["verify", folder, "--key", KEY.vkey, "--witness", witness]) == 0
    assert cosigned(body, log.checkpoint()) == 0  # the same again is no second root


def test_never_two_roots_never_smaller_never_unproved(
    body: Path, log: Log, capsys: Capture
) -> None:
    assert cosigned(body, log.checkpoint(40)) == 0
    forged = sign_checkpoint(Checkpoint(ORIGIN, 40, b"\x07" * 32), [LOG])
    assert cosigned(body, forged) == 1
    assert forged.decode() in capsys.readouterr().out
    assert cosigned(body, log.checkpoint(30)) == 1
    assert cosigned(body, log.checkpoint(93)) == 2
    assert "hailong-server checkpoint --since 40" in capsys.readouterr().err
    wrong = ToCosign.unpack(request(log, 40, 93))
    assert cosigned(body, wrong._replace(proof=wrong.proof[::-1]).pack()) == 1
    assert len(list((body / "state").glob("contradiction-*"))) == 3
    other = sign_checkpoint(Checkpoint(ORIGIN, 99, b"\x07" * 32), [OTHER_LOG])
    assert cosigned(body, other) == 2
    assert cosigned(body, request(log, 40, 93)) == 0


def test_two_at_once_never_sign_two_histories(body: Path, log: Log) -> None:
    name, key = read_key(body / "key")
    signed: list[bytes] = []

    def sign(note: bytes) -> None:
        try:
            signer = Cosigner(name, key, body / "state")
            signed.append(signer.sign(note, LogKey(ORIGIN, LOG.public_key()), 1))
        except Exception as error:  # noqa: BLE001 - counted below
            assert "cosigned_other" in str(error)

    notes = [sign_checkpoint(Checkpoint(ORIGIN, 40, bytes([at]) * 32), [LOG]) for at in range(1, 9)]
    threads = [threading.Thread(target=sign, args=(note,)) for note in notes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signed) == 1


def test_a_power_cut_before_the_rename_keeps_what_was_cosigned(body: Path, log: Log) -> None:
    assert cosigned(body, log.checkpoint(40)) == 0
    memory = next((body / "state").glob("*.note"))
    memory.with_name(f".{memory.name}.new").write_bytes(b"half a no")
    assert cosigned(body, log.checkpoint(30)) == 1
    assert make_key("other", body / "key2").startswith("other+")
    assert main(["cosign", "--new-key", "x", str(body / "key")]) == 2  # never over a key


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_say_the_same_places(code: str) -> None:
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in SENTENCES[code]
    ]
    assert fields[0] == fields[1]


def test_the_report_is_vietnamese_where_the_machine_is(
    log: Log, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(log.write(tmp_path / "log"))
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(os.environ, "LANG", "vi_VN.UTF-8")
    assert main(["verify", folder, "--key", KEY.vkey]) == 0
    shown = capsys.readouterr().out
    assert "Đầy đủ đến 2026-11-24 10:03:00" in shown
    assert "Điều mà lần kiểm tra này không thấy được" in shown


def test_json_holds_codes_places_and_sentences(log: Log, tmp_path: Path, capsys: Capture) -> None:
    log.keys = [OTHER_LOG]
    folder = str(log.write(tmp_path / "log"))
    assert main(["verify", folder, "--key", KEY.vkey, "--json", "--lang", "en"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "contradicted"
    assert report["contradictions"][0]["code"] == "checkpoint_unsigned"
    assert "not signed by the key given" in report["contradictions"][0]["text"]
    assert report["limits"][0]["text"]


def test_a_pin_is_saved_of_a_log_that_is_not_contradicted(log: Log, tmp_path: Path) -> None:
    folder, pin = log.write(tmp_path / "log"), tmp_path / "pin"
    assert main(["verify", str(folder), "--key", KEY.vkey, "--save-pin", str(pin)]) == 0
    assert pin.read_bytes() == log.checkpoint()
    assert main(["verify", str(folder), "--key", KEY.vkey, "--pin", str(pin)]) == 0
