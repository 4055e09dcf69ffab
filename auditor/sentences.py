"""The sentences of reports and refusals: code -> (English, Vietnamese)."""
# ruff: noqa: E501 - a sentence is a line

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
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
    # --- contradictions
    "checkpoint_broken": (
        "The checkpoint is no checkpoint: {why}",
        "Tệp điểm mốc không phải là điểm mốc: {why}",
    ),
    "checkpoint_unsigned": (
        "The checkpoint of {origin} at size {size} is not signed by the key given, nor by one that it handed the log over to. It is signed under {keys}; known are {known}.",
        "Điểm mốc của {origin} ở cỡ {size} không do khóa đã cho ký, cũng không do khóa được khóa đó bàn giao. Nó được ký dưới {keys}; các khóa được biết là {known}.",
    ),
    "cosigned_broken": (
        "The cosigned checkpoint does not hold: {why}",
        "Điểm mốc có đồng ký không đúng: {why}",
    ),
    "tile_missing": (
        "{tile} is missing: the checkpoint vouches for entries from {first} on that are not shown.",
        "Thiếu {tile}: điểm mốc cam đoan có các mục từ {first} nhưng không đưa ra.",
    ),
    "tile_broken": (
        "{tile} (from entry {first} on) has another length than the checkpoint says, or cannot be read.",
        "{tile} (từ mục {first}) có độ dài khác với điểm mốc, hoặc không đọc được.",
    ),
    "leaf": (
        "Entry {index} is not the one whose hash stands in {tile}: it was changed, or the tile was.",
        "Mục {index} không phải mục có mã băm trong {tile}: mục này hoặc ô băm đã bị sửa.",
    ),
    "tile_above": (
        "Place {place} of {tile} is not the hash of {below}: one of the two was changed.",
        "Vị trí {place} của {tile} không phải mã băm của {below}: một trong hai đã bị sửa.",
    ),
    "root": (
        "The {size} entries do not have the root that the checkpoint names.",
        "{size} mục không có gốc như điểm mốc nêu.",
    ),
    "root_unread": (
        "The root cannot be rebuilt from the tiles: {why}",
        "Không dựng lại được gốc từ các ô băm: {why}",
    ),
    "list_broken": (
        "{part} is broken at byte {byte}.",
        "{part} bị hỏng ở byte {byte}.",
    ),
    "order": (
        "Entry {index} stands after a later one.",
        "Mục {index} đứng sau một mục muộn hơn.",
    ),
    "malformed": (
        "Entry {index} is neither a line nor a server record: {why}",
        "Mục {index} không phải dòng của kiosk cũng không phải bản ghi của máy chủ: {why}",
    ),
    "bad_deed": (
        "Entry {index}, a record `{type}`, does not say what it must: {why}",
        "Mục {index}, bản ghi `{type}`, không nêu điều phải nêu: {why}",
    ),
    "enrolled_twice": (
        "Entry {index} enrols journal {journal} a second time.",
        "Mục {index} đăng ký sổ kiosk {journal} lần thứ hai.",
    ),
    "not_enrolled": (
        "Entry {index}: lines {seq} to {last} of journal {journal}, which was not enrolled before.",
        "Mục {index}: các dòng {seq} đến {last} của sổ kiosk {journal} chưa được đăng ký trước đó.",
    ),
    "after_end": (
        "Entry {index}: lines {seq} to {last} of kiosk {kiosk}, journal {journal}, were accepted after it was {state}.",
        "Mục {index}: các dòng {seq} đến {last} của kiosk {kiosk}, sổ {journal}, được nhận sau khi sổ đã ở trạng thái {state}.",
    ),
    "gap": (
        "Entry {index}: kiosk {kiosk}, journal {journal}, goes on with line {seq} where line {expected} must stand: lines are missing.",
        "Mục {index}: kiosk {kiosk}, sổ {journal}, tiếp tục bằng dòng {seq} trong khi phải là dòng {expected}: thiếu dòng.",
    ),
    "seq_again": (
        "Entry {index}: kiosk {kiosk}, journal {journal}, has line {seq} again where line {expected} must stand.",
        "Mục {index}: kiosk {kiosk}, sổ {journal}, lặp lại dòng {seq} trong khi phải là dòng {expected}.",
    ),
    "chain": (
        "Entry {index}: line {seq} of kiosk {kiosk}, journal {journal}, does not grow from line {before}: one of the two was changed or swapped.",
        "Mục {index}: dòng {seq} của kiosk {kiosk}, sổ {journal}, không nối tiếp dòng {before}: một trong hai đã bị sửa hoặc đánh tráo.",
    ),
    "genesis": (
        "Entry {index}: line {seq} of kiosk {kiosk}, journal {journal}, does not begin from the enrolled key.",
        "Mục {index}: dòng {seq} của kiosk {kiosk}, sổ {journal}, không bắt đầu từ khóa đã đăng ký.",
    ),
    "uncovered": (
        "Entry {index}: lines {seq} to {last} of kiosk {kiosk}, journal {journal}, have no `received` directly after them: nobody's signature vouches for them.",
        "Mục {index}: các dòng {seq} đến {last} của kiosk {kiosk}, sổ {journal}, không có `received` ngay sau: không chữ ký nào bảo đảm cho chúng.",
    ),
    "received_unknown": (
        "Entry {index} receives lines of journal {journal}, which was not enrolled before.",
        "Mục {index} nhận dòng của sổ {journal} chưa được đăng ký trước đó.",
    ),
    "received_wrong": (
        "Entry {index} says that lines {seq} to {last} of journal {journal} were received, and other lines stand directly before it.",
        "Mục {index} nói đã nhận các dòng {seq} đến {last} của sổ {journal}, nhưng ngay trước nó là những dòng khác.",
    ),
    "head_other": (
        "Entry {index}: the kiosk's head note is not about line {last} of journal {journal} as it stands here.",
        "Mục {index}: chữ ký đầu sổ của kiosk không phải về dòng {last} của sổ {journal} như ở đây.",
    ),
    "head_forged": (
        "Entry {index}: the head over line {seq} of kiosk {kiosk}, journal {journal}, is not signed by the enrolled key.",
        "Mục {index}: đầu sổ ở dòng {seq} của kiosk {kiosk}, sổ {journal}, không do khóa đã đăng ký ký.",
    ),
    "closed_elsewhere": (
        "Entry {index} closes journal {journal} at line {seq}, and its newest line is {last}.",
        "Mục {index} đóng sổ {journal} ở dòng {seq}, trong khi dòng mới nhất là {last}.",
    ),
    "fork_unsigned": (
        "Entry {index} calls journal {journal} forked, and {head} is not signed by its kiosk: no fork is proved.",
        "Mục {index} nói sổ {journal} bị rẽ nhánh, nhưng {head} không do kiosk ký: không chứng minh được rẽ nhánh.",
    ),
    "quarantine_unsigned": (
        "Entry {index} keeps lines of journal {journal} apart under a head that its kiosk did not sign.",
        "Mục {index} cách ly các dòng của sổ {journal} dưới một đầu sổ không do kiosk ký.",
    ),
    "pin_larger": (
        "{source} holds a checkpoint of {size} entries, and the log now has {now} only: it was cut or put back.",
        "{source} giữ điểm mốc {size} mục, mà sổ nay chỉ có {now}: sổ đã bị cắt hoặc quay lui.",
    ),
    "pin_other_root": (
        "{source} holds another root for the same {size} entries: two histories.",
        "{source} giữ một gốc khác cho cùng {size} mục: có hai lịch sử.",
    ),
    "pin_inconsistent": (
        "The first {size} of the log's {now} entries are not those that {source} pinned: history was rewritten.",
        "{size} mục đầu trong {now} mục của sổ không phải những mục mà {source} đã ghim: lịch sử đã bị viết lại.",
    ),
    "part_missing": ("The part {part} of the export is missing.", "Thiếu phần {part} của bản trích."),
    "part_changed": (
        "The part {part} is not the one that the manifest describes: another length or hash.",
        "Phần {part} không đúng như bản kê mô tả: độ dài hoặc mã băm khác.",
    ),
    "part_unnamed": (
        "{part} lies in the export, and the manifest does not name it.",
        "{part} có trong bản trích nhưng bản kê không nêu.",
    ),
    "part_name": (
        "The manifest names {part}, which leads out of the export.",
        "Bản kê nêu {part}, dẫn ra ngoài bản trích.",
    ),
    "manifest_other": (
        "The manifest speaks of {size} entries and its root; the checkpoint of {now}, or of another root.",
        "Bản kê nói về {size} mục và gốc của nó; điểm mốc nói {now} mục hoặc gốc khác.",
    ),
    "unit_foreign": (
        "Journals of unit {unit} lie in the export, which the manifest does not name.",
        "Bản trích có sổ của đơn vị {unit} mà bản kê không nêu.",
    ),
    "tally": (
        "{source}: unit {unit}, kiosk {kiosk}, official {official}, {date}, rating {rating}: told {told}, counted {counted}.",
        "{source}: đơn vị {unit}, kiosk {kiosk}, cán bộ {official}, {date}, mức {rating}: báo {told}, đếm được {counted}.",
    ),
    "two_roots": (
        "{a} and {b} show two roots for the same {size} entries: two histories.",
        "{a} và {b} đưa ra hai gốc cho cùng {size} mục: có hai lịch sử.",
    ),
    "cosigned_smaller": (
        "The checkpoint is of size {size}, and this body has cosigned size {old} already: the log went back.",
        "Điểm mốc có cỡ {size}, mà cơ quan này đã ký cỡ {old}: sổ đã quay lui.",
    ),
    "cosigned_other": (
        "This body has cosigned another root for the same {size} entries: two histories.",
        "Cơ quan này đã ký một gốc khác cho cùng {size} mục: có hai lịch sử.",
    ),
    "cosigned_inconsistent": (
        "The log of {size} entries does not extend the {old} that this body has cosigned: {why}",
        "Sổ {size} mục không nối tiếp {old} mục mà cơ quan này đã ký: {why}",
    ),
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
    "no_tallies": ("The export holds no tallies to compare with.", "Bản trích không có số liệu để đối chiếu."),
    "pin_unsigned": (
        "{source}: a checkpoint of {origin} over {size} entries that no known key of this log signed.",
        "{source}: điểm mốc của {origin} trên {size} mục không do khóa nào đã biết của sổ này ký.",
    ),
    "pin_untold": (
        "{source}: whether the log extends its {size} entries cannot be told from the tiles that are here.",
        "{source}: với các ô băm ở đây không biết được sổ có nối tiếp {size} mục của nó hay không.",
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
    "not_understood": (
        "Kiosk {kiosk}, journal {journal}, line {seq}, {type}: {why}",
        "Kiosk {kiosk}, sổ {journal}, dòng {seq}, {type}: {why}",
    ),
    "absent": ("{part}: {why}", "{part}: {why}"),
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
        "Times of receipt are the server's word.",
        "Thời điểm nhận là lời của máy chủ.",
    ),
    "no_heads": ("No kiosk's signature was seen.", "Không thấy chữ ký của kiosk nào."),
    "territory": (
        "Journals of these units that were left out as a whole, and lines after the last shown of each: only the whole log tells. Nothing signs the manifest: what is proved, the log proves.",
        "Các sổ kiosk của đơn vị bị bỏ hẳn, và các dòng sau dòng cuối được đưa ra: chỉ toàn bộ sổ mới cho biết. Bản kê không có chữ ký: điều được chứng minh là nhờ sổ.",
    ),
}  # fmt: skip
