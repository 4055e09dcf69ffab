"""The sentences of what could not be begun: code -> (English, Vietnamese)."""
# ruff: noqa: E501 - a sentence is a line

from typing import Final

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    # --- what could not be begun
    "no_log": (
        "{where} holds no log: there is no file `checkpoint`; name the folder of `log-export`, a sealed export or the server's address.",
        "{where} không có sổ: thiếu tệp `checkpoint`; hãy chỉ thư mục của `log-export`, bản trích niêm phong hoặc địa chỉ máy chủ.",
    ),
    "unreadable": (
        "{file} cannot be read: {why}; name another file.",
        "Không đọc được {file}: {why}; hãy chọn tệp khác.",
    ),
    "no_pin": (
        "{file} holds no checkpoint; give a note, a kiosk's line or the text of a QR code.",
        "{file} không chứa điểm mốc nào; hãy đưa tệp ghi điểm mốc, dòng của kiosk hoặc nội dung mã QR.",
    ),
    "manifest": (
        "The manifest of the sealed export cannot be read: {why}",
        "Không đọc được bản kê của bản trích niêm phong: {why}",
    ),
    "bad_zip": (
        "{file} is no zip of a sealed export that is safe to unpack: {why}",
        "{file} không phải tệp zip của bản trích niêm phong có thể mở an toàn: {why}",
    ),
    "desk_export": (
        "{file} is a page of the inspector's desk and holds no log; verify the log, and look there for a record `published` with the SHA-256 {sha256}.",
        "{file} là trang xuất từ bàn thanh tra, không có sổ trong đó; hãy kiểm tra sổ, rồi tìm ở đó bản ghi `published` có SHA-256 {sha256}.",
    ),
    "zone": (
        "This machine does not know the time zone {name}; give another with --timezone.",
        "Máy này không biết múi giờ {name}; hãy đưa múi giờ khác bằng --timezone.",
    ),
    "other_log": (
        "This is the log {origin}, and the key is that of {key}; give the key of {origin}.",
        "Đây là sổ {origin}, còn khóa là của {key}; hãy đưa khóa của {origin}.",
    ),
    "bad_row": (
        "Line {line} of {file} is no row of tallies: unit, kiosk, official, date, n1 to n5.",
        "Dòng {line} của {file} không phải một hàng số liệu: unit, kiosk, official, date, n1 đến n5.",
    ),
    "no_answer": (
        "{url} does not answer as a log does: {why}; check the address and try again.",
        "{url} không trả lời như một sổ: {why}; hãy kiểm tra địa chỉ và thử lại.",
    ),
    "not_empty": (
        "{where} holds something else than a log; name an empty or new folder.",
        "{where} chứa thứ khác, không phải sổ; hãy chọn thư mục trống hoặc mới.",
    ),
    "busy": (
        "Another hailong-audit works in {where}; wait until it has ended.",
        "Một hailong-audit khác đang làm việc trong {where}; hãy chờ nó xong.",
    ),
    "no_such_vote": (
        "No vote of this log has the code {vote}.",
        "Không có phiếu nào trong sổ này mang mã {vote}.",
    ),
    "key_file": (
        "{file} holds no key of ours: {why}",
        "{file} không chứa khóa hợp lệ: {why}",
    ),
    "needs_consistency": (
        "The checkpoint is of size {size}, and this body last cosigned size {old}: without a proof between them it cannot be checked; ask for the file from size {old}: `hailong-server checkpoint --since {old}`.",
        "Điểm mốc có cỡ {size}, lần trước cơ quan này đã ký cỡ {old}: không có chứng minh ở giữa thì không kiểm tra được; hãy xin tệp từ cỡ {old}: `hailong-server checkpoint --since {old}`.",
    ),
    "two_needed": (
        "There is one checkpoint only; compare takes two or more.",
        "Chỉ có một điểm mốc; cần ít nhất hai để so sánh.",
    ),
    "bad_date": (
        "{text} is no date; write 2026-10-31.",
        "{text} không phải ngày; hãy viết 2026-10-31.",
    ),
    "cosign_needs": (
        "cosign takes FILE, --key KEYFILE, --log VKEY and --state DIR; or --new-key NAME KEYFILE.",
        "cosign cần FILE, --key KEYFILE, --log VKEY và --state DIR; hoặc --new-key NAME KEYFILE.",
    ),
    "vote_proved": (
        "This vote is entry {index} of the log, among the first {size}, as the checkpoint above says under the log's signature. The proof says neither rating nor time nor counter; that the figures count it, `verify` and `figures` show.",
        "Phiếu này là mục {index} của sổ, trong {size} mục đầu, đúng như điểm mốc ở trên có chữ ký của sổ. Chứng minh không cho biết mức đánh giá, thời gian hay quầy; việc số liệu có tính phiếu này thì `verify` và `figures` cho thấy.",
    ),
    "pull_unsigned": (
        "{url} shows a checkpoint of {size} entries that is not signed by the key given, nor by one that it handed the log over to: nothing was copied.",
        "{url} đưa ra điểm mốc {size} mục không do khóa đã cho ký, cũng không do khóa được khóa đó bàn giao: không chép gì.",
    ),
    "pull_other_entry": (
        "Entry {index} (journal {journal}, line {seq}): {url} shows other bytes than it signed. The copy is as it was.",
        "Mục {index} (sổ thiết bị {journal}, dòng {seq}): {url} đưa ra nội dung khác với nội dung đã ký. Bản chép vẫn như cũ.",
    ),
    "pull_unkeyed": (
        "Whose log this is was not checked: give --key, or check the copy with `verify`.",
        "Chưa kiểm tra đây là sổ của ai: hãy đưa --key, hoặc kiểm tra bản chép bằng `verify`.",
    ),
    "unexpected": (
        "What was given could not be read to its end, and nothing is proved ({why}): ask for it anew, and report this.",
        "Không đọc được hết dữ liệu đã cho, nên chưa chứng minh được gì ({why}): hãy xin lại dữ liệu và báo lỗi này.",
    ),
}
