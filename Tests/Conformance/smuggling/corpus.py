"""Reads corpus.txt; its head says what the format is."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    name: str
    #: refuse, deny, forward or at: the first word of what is expected.
    expected: str
    #: The number of whole requests that may reach the application.
    most: int
    text: str

    def data(self, host):
        out = b""
        for line in self.text.split("\n"):
            raw = line[:-1] if line.endswith("\\") else line + "\\r\\n"
            # A line that is written with its own "\r" keeps it.
            if line.endswith("\\r"):
                raw = line + "\\n"
            out += raw.replace("HOST", host).encode("latin-1").decode("unicode_escape").encode("latin-1")
        return out


def load():
    cases = []
    text = Path(__file__).with_name("corpus.txt").read_text()
    for block in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        name, expected, *lines = block.split("\n")
        words = expected.removeprefix("> ").split()
        assert words[0] in ("refuse", "deny", "forward", "at"), f"{name}: {expected}"
        if lines[-1] == "":
            lines.pop()
        # The empty line before the next case ends a head; behind a line without an end it only separates.
        if len(lines) > 1 and lines[-1] == "" and lines[-2].endswith("\\"):
            lines.pop()
        cases.append(Case(name.strip(), words[0], int(words[-1]) if len(words) > 1 else 0, "\n".join(lines)))
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), "two cases have one name"
    return cases
