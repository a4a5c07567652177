"""docs/permissions.md from the table; run after the tests have held the code to it: `make permissions`."""

from itertools import groupby
from pathlib import Path

from permissions.open_doors import PUBLIC, SIGNED_IN
from permissions.seats import MEANINGS, Cell, Seat, cells
from permissions.table import ACTS, Act
from yuejingzhun.platform.foundation.parties.rules import Role

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
COLUMNS: tuple[Role | None, ...] = (*Role, None)
APPS = {
    "foundation.parties": "单位与人员",
    "foundation.audit": "审计线索",
    "foundation.jobs": "后台任务",
    "registry.standards": "计量标准",
    "registry.qualifications": "机构与人员资格",
    "registry.materials": "标准物质",
    "registry.instruments": "计量器具",
    "registry.reminders": "到期提醒",
    "registry.approvals": "型式批准与软件备案",
    "registry.traceability": "量值溯源与追溯",
    "operations.verification": "检定",
    "operations.certificates": "证书",
    "operations.mandatory": "强制检定",
    "operations.metering": "在用计量器具状态评价",
    "supervision.credit": "计量信用",
    "supervision.indicators": "计量发展指标与专栏任务",
    "portals.laboratory": "机构概况",
    "portals.regulator": "辖区概况",
    "portals.screen": "一网统管大屏",
}
HEAD = """# 权限：角色 × 事项 × 地域

本页由 `make permissions` 写出，不要手改。`tests/permissions/table.py` 逐格写明谁可以做什么；测试让每个角色在每个
位置上真的做一遍，代码与表有一格不同即不通过，代码中有了新事项而表中没有也不通过。

空格为不可以。格中的字是位置：

{meanings}

同一个人对同一件事的限制（如核验不能由检定者本人办理）、状态与期限的限制不在此表，由各事项自己说明。
共 {acts} 个事项，{cells} 格，其中可以的 {allowed} 格。
"""


def page() -> str:
    """The whole page."""
    meanings = "\n".join(f"- **{seat.value}**：{meaning}" for seat, meaning in MEANINGS.items())
    each = len(list(cells()))
    allowed = sum(len(act.allowed) for act in ACTS)
    parts = [HEAD.format(meanings=meanings, acts=len(ACTS), cells=len(ACTS) * each, allowed=allowed)]
    ordered = sorted(ACTS, key=lambda act: list(APPS).index(act.app))
    parts += [_section(app, list(acts)) for app, acts in groupby(ordered, key=lambda act: act.app)]
    return "\n".join([*parts, _open()])


def _open() -> str:
    lines = ["## 不在表中的页面与接口\n", "其余每个页面和接口都经过上面的事项（测试逐个核对）。\n"]
    for title, found in (("任何人", PUBLIC), ("登录的人", SIGNED_IN)):
        lines.append(f"{title}：\n")
        reasons = dict.fromkeys(found.values())
        named = {reason: "、".join(f"`{name}`" for name in found if found[name] == reason) for reason in reasons}
        lines += [f"- {reason}：{names}" for reason, names in named.items()]
        lines.append("")
    return "\n".join([*lines, "登录、双重验证、令牌与会话的页面只涉及本人的账户；后台另有自己的权限。\n"])


def _section(app: str, acts: list[Act]) -> str:
    titles = [role.value if role else "无角色" for role in COLUMNS]
    lines = [f"## {APPS[app]}\n", f"| 事项 | {' | '.join(titles)} | 函数 |", "|---" * (len(titles) + 2) + "|"]
    for act in acts:
        name = act.key.removeprefix(f"{app}.").partition("#")[0]
        lines.append(f"| {act.title} | {' | '.join(_cell(act, role) for role in COLUMNS)} | `{name}` |")
    return "\n".join(lines) + "\n"


def _cell(act: Act, role: Role | None) -> str:
    return "、".join(seat.value for seat in Seat if Cell(role, seat) in act.allowed)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"已写 {PAGE.name}：{len(ACTS)} 个事项")
