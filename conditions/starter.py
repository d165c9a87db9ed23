"""Reading the starter content: Markdown files with front matter, one a page, reviewed by clinicians as text."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.utils.text import slugify
from markdown_it import MarkdownIt

YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same safe language, read ten times faster where it can be
STARTER_CONTENT = Path(__file__).parent / "starter_content"
MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["heading", "code", "fence", "blockquote", "image"])
KEY = re.compile(r"\[([A-Za-z][\w-]*)\](?!\()")


@dataclass(frozen=True)
class StarterFile:
    """One page as text: its slug, its front matter, and its sections by heading."""

    slug: str
    meta: dict
    sections: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "StarterFile":
        """Raise ValueError where the file has no front matter."""
        try:
            _, front, body = path.read_text().split("---", 2)
        except ValueError:
            raise ValueError(f"{path.name} does not begin with front matter between two --- lines.") from None
        meta = yaml.load(front, Loader=YAML)  # noqa: S506  both are safe loaders
        sections = {"": body.strip()} if body.lstrip()[:3] != "## " else {}
        for part in re.split(r"^## ", body, flags=re.MULTILINE)[1:]:
            heading, _, text = part.partition("\n")
            sections[heading.strip()] = text.strip()
        return cls(path.stem, meta, sections)

    @property
    def questions(self) -> list[tuple[str, str]]:
        """Question and answer, in order."""
        parts = re.split(r"^### ", self.sections.get("Questions people ask", ""), flags=re.MULTILINE)[1:]
        return [(question.strip(), answer.strip()) for question, _, answer in (part.partition("\n") for part in parts)]

    def numbered(self, text: str) -> str:
        """Turn [Bylund17] into [1], by the order of the page's sources. Raise ValueError for one it does not list."""
        order = {key: number for number, key in enumerate(self.meta.get("sources") or [], start=1)}

        def number(mark: re.Match) -> str:
            if mark[1] not in order:
                raise ValueError(f"{self.slug} cites {mark[1]}, which is not among its sources.")
            return f"[{order[mark[1]]}]"

        return KEY.sub(number, text)

    def html(self, text: str) -> str:
        """A section as HTML."""
        return MARKDOWN.render(self.numbered(text)).strip()


def read_folder(name: str) -> list[StarterFile]:
    """Every file of a folder of the starter content, in alphabetical order."""
    return [StarterFile.read(path) for path in sorted((STARTER_CONTENT / name).glob("*.md"))]


def read_sources() -> dict[str, dict]:
    """Publications by key."""
    return yaml.load((STARTER_CONTENT / "sources.yaml").read_text(), Loader=YAML)  # noqa: S506  both are safe loaders


def source_slug(key: str) -> str:
    """The key as the database keeps it."""
    return slugify(key)
