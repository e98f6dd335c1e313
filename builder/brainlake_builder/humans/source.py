"""Raw files: where they are looked for, and the hash that says they are the ones meant."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from brainlake.errors import BrainlakeError

MIRROR_VARIABLE = "BRAINLAKE_MIRROR"
"""Environment variable that names a folder of raw files, laid out as their names say."""


@dataclass(frozen=True)
class RawFile:
    """One raw file of a human dataset.

    Attributes
    ----------
    name
        Its path under a source folder (``--source``), and under the mirror.
    hash
        ``sha256:<hex>`` or ``sha1:<hex>`` of the one content that is accepted; null where nobody has published a
        hash, so that only the counts of the reader speak for the file.
    url
        Public address at which a file of this very hash was seen (in Git: at a pinned commit), or is stated by its
        publisher to be (Brain-Score's sha1); null for a transcription, a rewrite, or a file to be asked for.
    required
        Whether the dataset cannot be built without it.
    """

    name: str
    hash: str | None = None
    url: str | None = None
    required: bool = True


def fetch(file: RawFile, source: Path | None = None) -> Path | None:
    """Find a raw file, or download it, and check its hash.

    Parameters
    ----------
    file
        The file wanted.
    source
        Folder looked into first; then the mirror, if ``BRAINLAKE_MIRROR`` is set; then the file's URL.

    Returns
    -------
    Path or None
        The checked file; None only for a file that is not required and nowhere to be found.

    Raises
    ------
    BrainlakeError
        If a file of that name has another hash, or a required one cannot be had.
    """
    if source is not None and not source.is_dir():
        raise BrainlakeError(f"the source {source} is not a folder")
    mirror = os.environ.get(MIRROR_VARIABLE)
    folders = [folder for folder in (source, Path(mirror) if mirror else None) if folder is not None]
    for folder in folders:
        path = folder / file.name
        if path.is_file():
            return _checked(path, file)
    if file.url is not None and file.required:
        return _download(file)
    if not file.required:
        return None
    looked = " or ".join(str(folder) for folder in folders) or f"--source (none given) or ${MIRROR_VARIABLE} (not set)"
    raise BrainlakeError(f"{file.name} is not under {looked}, and there is no public copy to download: see its card")


def _checked(path: Path, file: RawFile) -> Path:
    if file.hash is not None:
        algorithm, _, expected = file.hash.partition(":")
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, algorithm).hexdigest()
        if found != expected:
            raise BrainlakeError(
                f"{path} is not the {file.name} that is known: its {algorithm} is {found}, not {expected}; "
                f"put the original file there"
            )
    return path


def _download(file: RawFile) -> Path:
    import pooch

    target = Path(pooch.os_cache("brainlake")) / file.name
    try:
        path = pooch.retrieve(file.url, file.hash, fname=target.name, path=target.parent, progressbar=False)
    except (OSError, ValueError) as error:
        raise BrainlakeError(
            f"{file.name} cannot be had from {file.url}: {error}; download it by hand and give its folder as --source"
        ) from None
    return Path(path)
