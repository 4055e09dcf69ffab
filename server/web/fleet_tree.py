"""The units as a tree, each node with how many kiosks stand how, beneath it and at itself."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from server.web.fleet import FAILING, LIVE, NEVER, SHUT, SILENT, Fleet

STANDINGS = (LIVE, FAILING, SILENT, NEVER, SHUT)
TREE_UNITS = 250  # more are shown a level at a time


@dataclass
class Node:
    """A unit. own: kiosks whose home it is; counts: how those stand and all beneath, and
    `attention`; folded: its children are on a page of their own."""

    unit: Any
    own: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    children: list["Node"] = field(default_factory=list)
    folded: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts[standing] for standing in STANDINGS)

    @property
    def live(self) -> int:
        return self.counts[LIVE]

    @property
    def silent(self) -> int:
        return self.counts[SILENT]

    @property
    def failing(self) -> int:
        return self.counts[FAILING]

    @property
    def never(self) -> int:
        return self.counts[NEVER]

    @property
    def shut(self) -> int:
        return self.counts[SHUT]

    @property
    def attention(self) -> int:
        return self.counts["attention"]


def grow(fleet: Fleet) -> list[Node]:
    """The roots among the visible units; a unit whose parent is not visible is a root."""
    nodes = {code: Node(unit) for code, unit in fleet.units.items()}
    for stand in fleet.stands:
        node = nodes[stand.kiosk.unit]
        node.own += 1
        node.counts[stand.standing] += 1
        node.counts["attention"] += stand.attention
    roots: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.unit.parent_id)
        (parent.children if parent else roots).append(node)
    for root in roots:
        _sum(root)
    return roots


def _sum(node: Node) -> None:
    for child in node.children:
        _sum(child)
        node.counts.update(child.counts)


def walk(nodes: list[Node]) -> Iterator[Node]:
    """Every node, parents before their children."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def beneath(node: Node) -> set[str]:
    """The codes of a node's unit and all beneath it."""
    return {one.unit.code for one in walk([node])}


def find(roots: list[Node], code: str) -> Node | None:
    """The node of a unit, wherever it stands."""
    return next((node for node in walk(roots) if node.unit.code == code), None)


def fold(roots: list[Node]) -> list[Node]:
    """The tree as one page can show it: of a large one the first level with more than one node,
    the nodes below that on pages of their own."""
    if sum(1 for _ in walk(roots)) <= TREE_UNITS:
        return roots
    for root in roots:
        for node in root.children if len(roots) == 1 else [root]:
            node.folded = bool(node.children)
    return roots
