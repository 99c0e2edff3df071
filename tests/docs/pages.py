"""Pages of the documentation: text, and the commands in it with their answers."""

from dataclasses import dataclass

FENCE = "```"


@dataclass
class Command:
    """A command with the answer that the page shows."""

    text: str
    answer: str
    line: int

    def __str__(self):
        answer = self.answer
        if answer and not answer.endswith("\n"):
            answer += "\n"
        return f"$ {self.text}\n{answer}"


def pages_of(root):
    """Every page, the shortest way in first."""
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return [page for page in pages if "target" not in page.parts]


def read_page(text):
    """The parts of a page: strings, and commands between them."""
    parts, command, in_session = [], None, False
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if not in_session:
            in_session = line.startswith(FENCE + "console")
            parts.append(line)
        elif line.startswith(FENCE):
            in_session, command = False, None
            parts.append(line)
        elif line.startswith("$ "):
            command = Command(line[2:].rstrip("\n"), "", number)
            parts.append(command)
        elif command is None:
            # The usage of a command, not a session.
            parts.append(line)
        elif command.text.endswith("\\") and not command.answer:
            command.text += "\n" + line.rstrip("\n")
        else:
            command.answer += line
    return parts
