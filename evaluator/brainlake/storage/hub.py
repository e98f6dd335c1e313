"""The Hugging Face Hub, as far as reading needs it: addresses, pinned commits, files and parts of files.

huggingface-hub is imported where it is used, so that local work does not wait for it. Its own means find the token.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from brainlake.errors import BrainlakeError

MANIFEST = "manifest.parquet"
_NAME = r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)"
_REVISION = r"([\w.+-]+(?:/[\w.+-]+)*)"
_ADDRESS = re.compile(rf"(?:hf://datasets/)?{_NAME}(?:@{_REVISION})?")
_PAGE = re.compile(rf"https?://(?:huggingface\.co|hf\.co)/datasets/{_NAME}(?:/tree/{_REVISION}?)?/?")


class UnreachableError(BrainlakeError):
    """The Hub does not answer, or this process is told to be offline."""


@dataclass(frozen=True)
class Address:
    """A dataset repository, and the branch, tag or commit that is meant."""

    repo: str
    revision: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.revision}"


def parse_address(text: str) -> Address | None:
    """Read ``owner/name[@revision]``, also after ``hf://datasets/``, or the address of its page on the Hub.

    None for anything else.

    Examples
    --------
    >>> parse_address("lab/bank@v1")
    Address(repo='lab/bank', revision='v1')
    >>> parse_address("https://huggingface.co/datasets/lab/bank")
    Address(repo='lab/bank', revision='main')
    """
    match = _ADDRESS.fullmatch(text) or _PAGE.fullmatch(text)
    return Address(match[1], match[2] or "main") if match else None


@contextmanager
def hub_errors(repo: str) -> Iterator[None]:
    """Say what went wrong with a repository in our words."""
    from huggingface_hub import errors

    try:
        yield
    except errors.LocalEntryNotFoundError:
        raise UnreachableError(f"{repo}: the Hub cannot be reached, and what is needed is not in the cache") from None
    except errors.RepositoryNotFoundError:
        raise BrainlakeError(
            f"there is no dataset repository {repo} on the Hub that this token may read; "
            f"check the name, or log in with `hf auth login`"
        ) from None
    except errors.HFValidationError as error:
        raise BrainlakeError(f"{repo} is not the name of a repository: {_line(error)}") from None
    except errors.RevisionNotFoundError:
        raise BrainlakeError(f"{repo}: there is no such branch, tag or commit") from None
    except errors.EntryNotFoundError as error:
        raise BrainlakeError(f"{repo}: a file is missing there: {_line(error)}") from None
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        advice = "; log in with a token that may do this: `hf auth login`" if status in (401, 403) else ""
        raise BrainlakeError(f"{repo}: the Hub refused ({status}): {_line(error)}{advice}") from None
    except (errors.HTTPError, ConnectionError, TimeoutError) as error:  # type: ignore[attr-defined]
        raise UnreachableError(f"{repo}: the Hub cannot be reached: {_line(error)}") from None
    except OSError as error:
        raise BrainlakeError(f"{repo}: {_line(error)}") from None


@dataclass(frozen=True)
class Snapshot:
    """A dataset repository at one commit; what was read once stays in the cache of huggingface-hub."""

    repo: str
    commit: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.commit[:12]}"

    def cached(self, path: str) -> Path | None:
        """A file if it is in the cache, whole."""
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(self.repo, path, revision=self.commit, repo_type="dataset")
        return Path(found) if isinstance(found, str) else None

    def download(self, path: str, into: Path | None = None) -> Path:
        """A whole file: in the cache, or in a folder; a download that was cut goes on."""
        from huggingface_hub import hf_hub_download

        with hub_errors(self.repo):
            return Path(hf_hub_download(self.repo, path, repo_type="dataset", revision=self.commit, local_dir=into))

    def download_all(self, paths: Sequence[str]) -> Path:
        """Several whole files; returns the folder in the cache that they lie in."""
        from huggingface_hub import snapshot_download

        with hub_errors(self.repo):
            literal = [re.sub(r"([*?[])", r"[\1]", path) for path in paths]
            folder = snapshot_download(self.repo, repo_type="dataset", revision=self.commit, allow_patterns=literal)
            return Path(folder)

    def fetch(self, path: str, start: int, stop: int) -> bytes:
        """Bytes ``start`` to ``stop`` (exclusive) of a file; they are not kept."""
        from huggingface_hub import hf_hub_url
        from huggingface_hub.utils import (  # type: ignore[attr-defined]
            build_hf_headers,
            hf_raise_for_status,
            http_backoff,
        )

        with hub_errors(self.repo):
            url = hf_hub_url(self.repo, path, repo_type="dataset", revision=self.commit)
            headers = build_hf_headers() | {"Range": f"bytes={start}-{stop - 1}"}
            response = http_backoff("GET", url, headers=headers)
            hf_raise_for_status(response)
        if response.status_code != 206 or len(response.content) != stop - start:
            raise BrainlakeError(f"{self}: the server did not send the part of {path} that was asked for")
        return bytes(response.content)


def pin(address: Address) -> tuple[Snapshot, Path]:
    """Find the commit that an address means now, and its manifest; offline, the commit that it meant last.

    Raises
    ------
    BrainlakeError
        If there is no such repository or revision, or it has no manifest.
    """
    from huggingface_hub import errors, hf_hub_download

    with hub_errors(str(address)):
        try:
            found = hf_hub_download(address.repo, MANIFEST, repo_type="dataset", revision=address.revision)
        except errors.RemoteEntryNotFoundError:
            raise BrainlakeError(f"{address} is not a bank: it has no {MANIFEST}") from None
    return Snapshot(address.repo, Path(found).parent.name), Path(found)


def _line(error: Exception) -> str:
    """The most telling line of a message."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return getattr(error, "server_message", None) or (lines[0] if lines else type(error).__name__)
