"""The Hugging Face Hub, as far as reading needs it: addresses, pinned commits, files and parts of files.

huggingface-hub is imported where it is used, so that local work does not wait for it. Its own means find the token.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from brainlake.contract.printable import without_secrets
from brainlake.errors import BrainlakeError

MANIFEST = "manifest.parquet"
MANIFEST_BYTES = 64 << 20
"""Largest manifest that is fetched; a row of one takes some hundred bytes."""

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
    except UnicodeEncodeError:
        raise BrainlakeError(
            f"{repo}: the token of the Hub holds a character that no token has; log in again with `hf auth login`, "
            f"or look at HF_TOKEN"
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

    def download(self, path: str, at_most: int, into: Path | None = None) -> Path:
        """A whole file: in the cache, or in a folder; a download that was cut goes on.

        Raises
        ------
        BrainlakeError
            If it is not there, or larger than it may be: then none of it travels.
        """
        from huggingface_hub import hf_hub_download

        if self.cached(path) is None:
            _check_size(self.repo, path, self.commit, at_most)
        with hub_errors(self.repo):
            return Path(hf_hub_download(self.repo, path, repo_type="dataset", revision=self.commit, local_dir=into))

    def download_all(self, sizes: Mapping[str, int]) -> Path:
        """Several whole files that are no larger than promised; returns the folder in the cache that they lie in.

        Those that are not there are passed over.
        """
        from huggingface_hub import HfApi, snapshot_download

        missing = [path for path in sizes if self.cached(path) is None]
        with suppress(UnreachableError), hub_errors(self.repo):  # offline, the cache answers
            for file in HfApi().get_paths_info(self.repo, missing, repo_type="dataset", revision=self.commit):
                _refuse_larger(self.repo, file.path, getattr(file, "size", 0), sizes[file.path])
        with hub_errors(self.repo):
            literal = [re.sub(r"([*?[])", r"[\1]", path) for path in sizes]
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

    _check_size(address.repo, MANIFEST, address.revision, MANIFEST_BYTES)
    with hub_errors(str(address)):
        try:
            found = hf_hub_download(address.repo, MANIFEST, repo_type="dataset", revision=address.revision)
        except errors.LocalEntryNotFoundError:  # before huggingface-hub 1, an entry not found as well
            raise
        except errors.EntryNotFoundError:
            raise BrainlakeError(f"{address} is not a bank: it has no {MANIFEST}") from None
    return Snapshot(address.repo, Path(found).parent.name), Path(found)


def _check_size(repo: str, path: str, revision: str, at_most: int) -> None:
    """Ask for the size of a file before it travels; where the answer is an error, its download will say so."""
    from huggingface_hub import errors, get_hf_file_metadata, hf_hub_url

    with suppress(ValueError, errors.HTTPError, OSError):  # type: ignore[attr-defined]
        url = hf_hub_url(repo, path, repo_type="dataset", revision=revision)
        _refuse_larger(repo, path, get_hf_file_metadata(url).size or 0, at_most)


def _refuse_larger(repo: str, path: str, size: int, at_most: int) -> None:
    if size > at_most:
        raise BrainlakeError(
            f"{path} of {repo} has {size:,} bytes there, and may have {at_most:,}: it is not fetched; "
            f"that was made to harm, or is damaged"
        )


def _line(error: Exception) -> str:
    """The most telling line of a message, without secrets: it may name the address of the server."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return without_secrets(getattr(error, "server_message", None) or (lines[0] if lines else type(error).__name__))
