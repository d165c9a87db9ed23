"""Static files under hashed names, compressed, with site.css and its imports joined into one file."""

import posixpath
import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/site.css"
IMPORT = re.compile(r'@import "(?P<path>[^"]+)" layer\((?P<layer>\w+)\)(?: (?P<media>\w+))?;')
URL = re.compile(r'url\("(?P<path>[^"]+)"\)')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """A page then needs one stylesheet request. Sources stay one component per file."""

    def post_process(self, paths, dry_run=False, **options):
        if not dry_run and STYLESHEET in paths:
            joined = IMPORT.sub(self._inline, self._read(STYLESHEET))
            joined = re.sub(r"\n\s*", "\n", joined).strip()
            self.delete(STYLESHEET)
            self._save(STYLESHEET, ContentFile(joined.encode()))
            paths[STYLESHEET] = (self, STYLESHEET)
        yield from super().post_process(paths, dry_run, **options)

    def _inline(self, statement: re.Match) -> str:
        folder = posixpath.dirname(statement["path"])
        css = self._read(posixpath.join("css", statement["path"]))
        css = URL.sub(lambda url: f'url("{posixpath.normpath(posixpath.join(folder, url["path"]))}")', css)
        css = f"@layer {statement['layer']} {{\n{css}}}\n"
        return f"@media {statement['media']} {{\n{css}}}\n" if statement["media"] else css

    def _read(self, name: str) -> str:
        with self.open(name) as file:
            return COMMENT.sub("", file.read().decode())
