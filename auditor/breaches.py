"""The sentences of what contradicts: code -> (English, Vietnamese)."""
# ruff: noqa: E501 - a sentence is a line

from typing import Final

BREACHES: Final[dict[str, tuple[str, str]]] = {
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
        "Entry {index} (journal {journal}, line {seq}) is not the one whose hash stands in {tile}: it was changed, or the tile was.",
        "Mục {index} (sổ kiosk {journal}, dòng {seq}) không phải mục có mã băm trong {tile}: mục này hoặc ô băm đã bị sửa.",
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
    "fork_none": (
        "Entry {index} calls journal {journal} forked, and both heads are the same: no fork is proved.",
        "Mục {index} nói sổ {journal} bị rẽ nhánh, nhưng hai đầu sổ là một: không chứng minh được rẽ nhánh.",
    ),
    "quarantine_unsigned": (
        "Entry {index} keeps lines of journal {journal} apart under a head that its kiosk did not sign.",
        "Mục {index} cách ly các dòng của sổ {journal} dưới một đầu sổ không do kiosk ký.",
    ),
    "pin_larger": (
        "{source} holds a checkpoint of {size} entries, and this log has {now} only: it was cut or put back, or this is an older copy; before concluding, `pull` once more and repeat.",
        "{source} giữ điểm mốc {size} mục, mà sổ này chỉ có {now}: sổ đã bị cắt hoặc quay lui, hoặc đây là bản sao cũ hơn; trước khi kết luận hãy `pull` lại rồi chạy lại.",
    ),
    "pin_other_root": (
        "{source} holds another root for the same {size} entries: two histories.",
        "{source} giữ một gốc khác cho cùng {size} mục: có hai lịch sử.",
    ),
    "pin_inconsistent": (
        "The first {size} of the log's {now} entries are not those that {source} pinned: history was rewritten.",
        "{size} mục đầu trong {now} mục của sổ không phải những mục mà {source} đã ghim: lịch sử đã bị viết lại.",
    ),
    "part_missing": (
        "The part {part} of the export is missing.",
        "Thiếu phần {part} của bản trích.",
    ),
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
    "tiles_few": (
        "The checkpoint speaks of {size} entries, which takes {needed} tiles, and {here} are here: nothing under it was read.",
        "Điểm mốc nói về {size} mục, cần {needed} ô băm, mà ở đây chỉ có {here}: không đọc gì dưới điểm mốc ấy.",
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
    "basis": (
        "{source}: unit {unit}, counter {counter}, official {official}, {basis} ({why}), {date}, rating {rating}: told {told}, the log proves {counted}.",
        "{source}: đơn vị {unit}, quầy {counter}, cán bộ {official}, {basis} ({why}), {date}, mức {rating}: báo {told}, sổ chỉ chứng minh {counted}.",
    ),
    "basis_total": (
        "{source}: unit {unit}, {first} to {last}, rating {rating}: {missing} votes of the log are in no row (below 0: too many).",
        "{source}: đơn vị {unit}, {first} đến {last}, mức {rating}: {missing} phiếu của sổ không có trong hàng nào (dưới 0: thừa).",
    ),
    "basis_counter": (
        "{source}: unit {unit}, counter {counter}, {first} to {last}, rating {rating}: {more} votes more than the log has of this counter.",
        "{source}: đơn vị {unit}, quầy {counter}, {first} đến {last}, mức {rating}: nhiều hơn {more} phiếu so với sổ ở quầy này.",
    ),
    "basis_more": (
        "{source}: {told} votes are said to rest on {basis}, but of the log's votes at most {most} can.",
        "{source}: báo {told} phiếu dựa trên {basis}, nhưng trong sổ nhiều nhất {most} phiếu có thể như vậy.",
    ),
    "excluded_more": (
        "{source}: unit {unit}: {told} votes are said to be excluded, but records of the log name only {most}.",
        "{source}: đơn vị {unit}: báo {told} phiếu bị loại, nhưng các bản ghi của sổ chỉ nêu {most}.",
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
}
