"""Pictures by their header alone: PNG and JPEG within the bounds, everything else refused."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from protocol.media import MAX_MEDIA_BYTES, BadPicture, read_picture


def picture(kind: str, width: int, height: int, **how: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, kind, **how)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("png", {}),
        ("jpeg", {}),
        ("jpeg", {"progressive": True}),
        ("jpeg", {"comment": b"\xff\xc0 a comment that looks like a frame" * 99}),
    ],
)
def test_a_pictures_header_says_how_large_it_is(kind: str, how: dict[str, object]) -> None:
    body = picture(kind, 640, 48, **how)
    found = read_picture(body)
    assert found == (hashlib.sha256(body).hexdigest(), kind, 640, 48)


def test_fill_bytes_before_a_marker_are_passed_over() -> None:
    body = picture("jpeg", 30, 20)
    assert read_picture(body[:2] + b"\xff\xff" + body[2:])[2:] == (30, 20)


@pytest.mark.parametrize("kind", ["gif", "bmp", "webp", "tiff"])
def test_other_kinds_are_refused(kind: str) -> None:
    with pytest.raises(BadPicture, match="PNG or JPEG"):
        read_picture(picture(kind, 10, 10))


@pytest.mark.parametrize("body", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8"])
def test_what_only_begins_like_a_picture_is_refused(body: bytes) -> None:
    with pytest.raises(BadPicture):
        read_picture(body)


def test_a_jpeg_cut_before_its_frame_is_refused() -> None:
    body = picture("jpeg", 30, 20)
    with pytest.raises(BadPicture, match="how large"):
        read_picture(body[: body.index(b"\xff\xc0") + 5])


def test_too_many_pixels_are_refused_though_the_file_is_small() -> None:
    assert read_picture(picture("png", 2000, 2000)).width == 2000
    bomb = bytearray(picture("png", 2000, 2000))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    with pytest.raises(BadPicture, match="60000 × 60000"):
        read_picture(bytes(bomb))


def test_a_picture_of_no_width_is_refused() -> None:
    flat = bytearray(picture("png", 8, 8))
    flat[16:20] = bytes(4)
    with pytest.raises(BadPicture, match="0 × 8"):
        read_picture(bytes(flat))


def test_too_many_bytes_are_refused() -> None:
    body = picture("png", 8, 8)
    assert read_picture(body.ljust(MAX_MEDIA_BYTES, b"\0")).kind == "png"
    with pytest.raises(BadPicture, match="2 MiB"):
        read_picture(body.ljust(MAX_MEDIA_BYTES + 1, b"\0"))


@given(st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"]), st.binary())
def test_nothing_but_a_refusal_comes_of_noise(start: bytes, rest: bytes) -> None:
    try:
        found = read_picture(start + rest)
    except BadPicture:
        return
    assert found.width * found.height > 0
