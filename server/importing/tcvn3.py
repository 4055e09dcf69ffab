"""TCVN3, the old Vietnamese code page (TCVN 5712:1993, VN1; fonts named .Vn…), as a codec."""

import codecs

NAME = "tcvn3"

# The upper half, from 0x80 on; 0xB0 to 0xB4 are combining marks.
_UPPER = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323"
    "àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_CONTROLS = {1: "Ú", 2: "Ụ", 4: "Ừ", 5: "Ử", 6: "Ữ"}
_CONTROLS |= dict(zip(range(17, 24), "ỨỰỲỶỸÝỴ", strict=True))
TABLE = "".join(_CONTROLS.get(code, chr(code)) for code in range(128)) + _UPPER
_BACK = codecs.charmap_build(TABLE)


class _Decoder(codecs.IncrementalDecoder):
    def decode(self, input: bytes, final: bool = False) -> str:  # type: ignore[override]
        return codecs.charmap_decode(input, self.errors, TABLE)[0]


class _Encoder(codecs.IncrementalEncoder):
    def encode(self, input: str, final: bool = False) -> bytes:
        return codecs.charmap_encode(input, self.errors, _BACK)[0]


def _find(name: str) -> codecs.CodecInfo | None:
    if name != NAME:
        return None
    return codecs.CodecInfo(
        name=NAME,
        encode=lambda text, errors="strict": codecs.charmap_encode(text, errors, _BACK),
        decode=lambda raw, errors="strict": codecs.charmap_decode(bytes(raw), errors, TABLE),
        incrementaldecoder=_Decoder,
        incrementalencoder=_Encoder,
    )


codecs.register(_find)
