"""All sentences of reports and refusals: code -> (English, Vietnamese)."""
# ruff: noqa: E501 - a sentence is a line

from typing import Final

from auditor.breaches import BREACHES
from auditor.refusals import REFUSALS

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    **REFUSALS,
    **BREACHES,
    # --- what holds
    "checkpoint_signed": (
        "The checkpoint of {origin} over {size} entries is signed by {key}.",
        "Điểm mốc của {origin} trên {size} mục do {key} ký.",
    ),
    "cosigned": (
        "Other bodies cosigned the first {size} entries: {names}; last at {at_ms}.",
        "Các cơ quan khác đã đồng ký {size} mục đầu: {names}; lần cuối lúc {at_ms}.",
    ),
    "rebuilt": (
        "All {entries} entries were read; every tile and the root follow from them.",
        "Đã đọc đủ {entries} mục; mọi ô băm và gốc đều dựng lại được từ đó.",
    ),
    "rebuilt_partly": (
        "{entries} of the log's {size} entries were read; each was looked up in the tile that leads to the root. Nothing is said of the others but that they are under the same root.",
        "Đã đọc {entries} trong {size} mục của sổ; mỗi mục được đối chiếu với ô băm dẫn tới gốc. Về các mục khác chỉ biết chúng nằm dưới cùng một gốc.",
    ),
    "pins": (
        "{pins} earlier checkpoints fit, the largest of {size} entries: those have not been changed since.",
        "{pins} điểm mốc trước đây khớp, lớn nhất {size} mục: các mục ấy không bị sửa từ đó.",
    ),
    "kiosk_pins": (
        "{pins} checkpoints that kiosks wrote into their own chains fit, the largest of {size} entries.",
        "{pins} điểm mốc do các kiosk tự ghi vào chuỗi của mình khớp, lớn nhất {size} mục.",
    ),
    "journals": (
        "{journals} journals with {lines} lines were followed from line 1, each line against the hash of the one before; {heads} signatures of kiosks were checked (the newest of a journal vouches for all lines before it).",
        "Đã theo dõi {journals} sổ kiosk với {lines} dòng từ dòng 1, mỗi dòng đối chiếu mã băm của dòng trước; đã kiểm tra {heads} chữ ký của kiosk (chữ ký mới nhất bảo đảm cho mọi dòng trước nó).",
    ),
    "tallies": (
        "{source}: all {cells} rows ({votes} votes) were counted again from the entries and are equal.",
        "{source}: đã đếm lại cả {cells} hàng ({votes} phiếu) từ các mục và đều khớp.",
    ),
    "bases": (
        "{source}: whom the votes are about was decided again from lines, placements, posted duties and rulings: all {cells} rows ({votes} votes) fit, of which {outside} votes rest on imported data.",
        "{source}: đã xác định lại phiếu nói về ai từ các dòng, vị trí kiosk, ca trực ghi trên bảng và quyết định: cả {cells} hàng ({votes} phiếu) đều khớp, trong đó {outside} phiếu dựa trên dữ liệu nhập.",
    ),
    "same_root": (
        "{a} and {b} name the same root for {size} entries.",
        "{a} và {b} nêu cùng một gốc cho {size} mục.",
    ),
    "extends": (
        "The log of {b} ({now} entries) extends that of {a} ({size}).",
        "Sổ của {b} ({now} mục) nối tiếp sổ của {a} ({size} mục).",
    ),
    # --- what could not be checked
    "not_cosigned": (
        "The log shows no cosigned checkpoint, so no witness vouches for it.",
        "Sổ không đưa ra điểm mốc có đồng ký, nên chưa có nhân chứng nào bảo đảm.",
    ),
    "quorum": (
        "The checkpoint of {size} entries is cosigned by {names}: fewer than asked for.",
        "Điểm mốc {size} mục được đồng ký bởi {names}: ít hơn số yêu cầu.",
    ),
    "no_entries": (
        "The entries are not here (an auditor's token is needed: --token): no line was checked, hashes only.",
        "Không có các mục ở đây (cần thẻ kiểm toán: --token): chưa kiểm tra dòng nào, chỉ có mã băm.",
    ),
    "none_listed": (
        "Not one of the log's {size} entries was read here: no line was checked, hashes only. Ask for an export that holds them.",
        "Ở đây không đọc được mục nào trong {size} mục của sổ: chưa kiểm tra dòng nào, chỉ có mã băm. Hãy xin bản trích có các mục ấy.",
    ),
    "no_tallies": ("The export holds no tallies to compare with.", "Bản trích không có số liệu để đối chiếu."),
    "pin_unsigned": (
        "{source}: a checkpoint of {origin} over {size} entries that no known key of this log signed.",
        "{source}: điểm mốc của {origin} trên {size} mục không do khóa nào đã biết của sổ này ký.",
    ),
    "pin_untold": (
        "{source}: whether the log extends its {size} entries cannot be told, for {tile} is not here; ask for an export that holds it, or check the whole log.",
        "{source}: không biết được sổ có nối tiếp {size} mục của nó hay không vì thiếu {tile}; hãy xin bản trích có ô băm ấy, hoặc kiểm tra toàn bộ sổ.",
    ),
    "unsigned_end": (
        "Entry {index}: lines {seq} to {last} of kiosk {kiosk}, journal {journal}, are the log's last; their `received` comes later.",
        "Mục {index}: các dòng {seq} đến {last} của kiosk {kiosk}, sổ {journal}, ở cuối sổ; `received` của chúng sẽ đến sau.",
    ),
    "sizes_differ": (
        "{a} has {size} entries and {b} {now}: whether the one extends the other only the log's tiles tell; give them with --log.",
        "{a} có {size} mục còn {b} có {now}: chỉ các ô băm của sổ cho biết cái này có nối tiếp cái kia không; hãy đưa bằng --log.",
    ),
    "signatures_unchecked": (
        "Whether the log signed these checkpoints was not checked: give --key.",
        "Chưa kiểm tra các điểm mốc này có do sổ ký không: hãy đưa --key.",
    ),
    # --- lists
    "deed": ("Entry {index}, {at_ms}: {type}: {what}", "Mục {index}, {at_ms}: {type}: {what}"),
    "clock_refused": (
        "Kiosk {kiosk}, journal {journal}: the clock in line {seq} cannot be right and was not used.",
        "Kiosk {kiosk}, sổ {journal}: giờ trong dòng {seq} không thể đúng nên không dùng.",
    ),
    "clock_stepped": (
        "Kiosk {kiosk}, journal {journal}: the clock stepped; {lines} lines from {seq} on.",
        "Kiosk {kiosk}, sổ {journal}: đồng hồ nhảy; {lines} dòng từ dòng {seq}.",
    ),
    "uncertain": (
        "Kiosk {kiosk}, journal {journal}: {votes} votes in lines {seq} to {last} whose time is known within bounds only.",
        "Kiosk {kiosk}, sổ {journal}: {votes} phiếu trong các dòng {seq} đến {last} chỉ biết thời gian trong khoảng.",
    ),
    "late": (
        "Kiosk {kiosk}, journal {journal}: {votes} votes of {first_ms} to {last_ms} (lines {seq} to {last}) arrived over 24 hours later: the card was in the unit's custody.",
        "Kiosk {kiosk}, sổ {journal}: {votes} phiếu từ {first_ms} đến {last_ms} (dòng {seq} đến {last}) đến muộn hơn 24 giờ: thẻ nhớ do đơn vị giữ.",
    ),
    "silent": (
        "Kiosk {kiosk}: no sign of life from {first} to {last}, {days} days (closed days look the same).",
        "Kiosk {kiosk}: không có dấu hiệu hoạt động từ {first} đến {last}, {days} ngày (ngày nghỉ trông cũng vậy).",
    ),
    "open_twice": (
        "Kiosk {kiosk} has several journals open, and a kiosk writes one at a time: {journals}.",
        "Kiosk {kiosk} có nhiều sổ cùng mở trong khi mỗi lúc chỉ ghi một sổ: {journals}.",
    ),
    "not_understood": (
        "Kiosk {kiosk}, journal {journal}, line {seq}, {type}: {why}",
        "Kiosk {kiosk}, sổ {journal}, dòng {seq}, {type}: {why}",
    ),
    "absent": ("{part}: {why}", "{part}: {why}"),
    "imported": (
        "Unit {unit}: {votes} votes rest on imported data ({what}), of which the log holds nothing; ask for the file that it came from.",
        "Đơn vị {unit}: {votes} phiếu dựa trên dữ liệu nhập ({what}) mà sổ không giữ; hãy yêu cầu tệp gốc.",
    ),
    "held": (
        "Unit {unit}: {votes} votes are in no count because a rule holds them until two people decide; `hailong-server flags` says which and why.",
        "Đơn vị {unit}: {votes} phiếu chưa được tính vì bị một quy tắc giữ lại chờ hai người quyết định; `hailong-server flags` cho biết phiếu nào, vì sao.",
    ),
    "excluded": (
        "Unit {unit}: {votes} votes are in no count because two people excluded them; records of the log name {most}.",
        "Đơn vị {unit}: {votes} phiếu không được tính vì hai người đã loại; các bản ghi của sổ nêu {most}.",
    ),
    # --- the bounded statement
    "complete": (
        "Complete up to {at_ms}: {size} entries, {lines} lines, {votes} votes",
        "Đầy đủ đến {at_ms}: {size} mục, {lines} dòng, {votes} phiếu",
    ),
    "complete_partly": (
        "Complete for the journals shown up to {at_ms}: {lines} lines, {votes} votes, under a log of {size} entries",
        "Đầy đủ cho các sổ kiosk được đưa ra, đến {at_ms}: {lines} dòng, {votes} phiếu, trong sổ {size} mục",
    ),
    "but_kiosk": (
        "but for kiosk {kiosk}, of which nothing after {at_ms} (line {seq}) was received",
        "trừ kiosk {kiosk}: không nhận được gì sau {at_ms} (dòng {seq})",
    ),
    "nothing_received": (
        "No line was seen in this log of {size} entries",
        "Không thấy dòng nào trong sổ {size} mục này",
    ),
    # --- what cannot be seen
    "no_pins": (
        "Whether all of it was rewritten and signed anew by the server itself: that would look the same. Give an earlier checkpoint with --pin.",
        "Máy chủ có tự viết lại và ký lại toàn bộ hay không: khi đó trông vẫn như thế này. Hãy đưa điểm mốc trước đây bằng --pin.",
    ),
    "no_pins_but_kiosks": (
        "Whether what came after the kiosks' own newest checkpoints was rewritten and signed anew, or whole kiosks left out: give an earlier checkpoint with --pin.",
        "Phần sau các điểm mốc mới nhất của chính kiosk có bị viết lại, ký lại, hay cả kiosk bị bỏ ra ngoài hay không: hãy đưa điểm mốc trước đây bằng --pin.",
    ),
    "no_witness": (
        "Whether others are shown another history: no witness was named (--witness or --policy).",
        "Người khác có được cho xem một lịch sử khác hay không: chưa nêu nhân chứng (--witness hoặc --policy).",
    ),
    "end_of_journals": (
        "Lines that a kiosk has not sent yet, or that were dropped at the very end of its journal: the kiosk's own head (its screen, its export) tells.",
        "Các dòng kiosk chưa gửi, hoặc bị bỏ ở cuối sổ của nó: chính đầu sổ của kiosk (màn hình, bản xuất) cho biết.",
    ),
    "dropped": (
        "Presses that never became a line: a kiosk without power or unplugged.",
        "Những lần bấm không thành dòng: kiosk mất điện hoặc bị rút.",
    ),
    "who_pressed": (
        "Who pressed: an official, a crowd, or whoever holds a kiosk's card.",
        "Ai đã bấm: cán bộ, đám đông, hay người giữ thẻ nhớ của kiosk.",
    ),
    "key_from": (
        "Whether the key given is the log's: it must come from elsewhere than the log.",
        "Khóa đã cho có phải của sổ không: phải lấy khóa từ nơi khác, không phải từ sổ.",
    ),
    "heads_newest": (
        "Whether each of the {receipts} signatures of kiosks that the log holds verifies: the newest of each journal was checked, {heads} in all, which vouches for every line before it through the chain; the others name the right lines and were not verified.",
        "Từng chữ ký trong {receipts} chữ ký của kiosk trong sổ có đúng hay không: chỉ kiểm tra chữ ký mới nhất của mỗi sổ kiosk, tổng cộng {heads}, chữ ký ấy bảo đảm cho mọi dòng trước nó qua chuỗi băm; các chữ ký khác nêu đúng dòng nhưng chưa được kiểm tra.",
    ),
    "received_word": (
        "Times of receipt are the server's word.",
        "Thời điểm nhận là lời của máy chủ.",
    ),
    "no_heads": ("No kiosk's signature was seen.", "Không thấy chữ ký của kiosk nào."),
    "territory": (
        "Journals of these units that were left out as a whole, and lines after the last shown of each: only the whole log tells. Nothing signs the manifest: what is proved, the log proves.",
        "Các sổ kiosk của đơn vị bị bỏ hẳn, và các dòng sau dòng cuối được đưa ra: chỉ toàn bộ sổ mới cho biết. Bản kê không có chữ ký: điều được chứng minh là nhờ sổ.",
    ),
}  # fmt: skip
