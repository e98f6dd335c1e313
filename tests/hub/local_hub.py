"""A Hugging Face Hub for tests: in memory, on the loopback, with the endpoints that our clients use.

Parquet files go through LFS and are addressed by sha256; everything else is in git, addressed by git's own sha1.
A commit is made under one lock, and refused with 412 when its parent is no longer the head. What travels is recorded.

Clients must see ``HF_ENDPOINT`` and ``HF_HUB_DISABLE_XET=1`` before they import huggingface_hub (with hf_xet installed
an upload has no other way than Xet): :func:`stand_in` sees to it.
"""

import base64
import hashlib
import json
import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

TOKEN = "hf_secret_of_the_tests"
DATE = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class File:
    """A file of a commit; ``sha256`` for LFS only."""

    oid: str
    size: int
    sha256: str | None = None

    def entry(self, path: str) -> dict[str, Any]:
        """As ``tree`` and ``paths-info`` list it."""
        entry: dict[str, Any] = {"type": "file", "oid": self.oid, "size": self.size, "path": path}
        entry["lastCommit"] = {"id": self.oid, "title": "", "date": DATE}
        if self.sha256:
            entry["lfs"] = {"oid": self.sha256, "size": self.size, "pointerSize": 130}
        return entry


@dataclass
class Repo:
    """A dataset repository: commits by id, and what branches and tags point to."""

    private: bool
    commits: dict[str, tuple[str | None, dict[str, File]]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def resolve(self, revision: str) -> str | None:
        """The commit that a branch, a tag or a commit id names."""
        name = re.sub(r"^refs/(heads|tags)/", "", revision)
        return self.heads.get(name) or self.tags.get(name) or (revision if revision in self.commits else None)

    def commit(self, branch: str, files: dict[str, File]) -> str:
        """Add a commit and move the branch to it."""
        parent = self.heads.get(branch)
        listing = sorted((path, file.oid) for path, file in files.items())
        commit = hashlib.sha1(json.dumps([parent, listing, len(self.commits)]).encode()).hexdigest()
        self.commits[commit] = (parent, files)
        self.heads[branch] = commit
        return commit


@dataclass(frozen=True)
class Request:
    """One request that was served, with the bytes of both bodies."""

    method: str
    path: str
    range: str | None
    status: int
    received: int
    sent: int


class LocalHub:
    """The server and all that it holds.

    Attributes
    ----------
    repos, blobs
        Repositories by name; contents by sha1 (git) or sha256 (LFS), open to tampering.
    requests
        What was served since the last :meth:`forget`.
    before_commit
        Called with the name of the repository before a commit is looked at: the place for a rival.
    in_request
        Called when half of the body of a request has come in: the place for a kill.
    """

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.blobs: dict[str, bytes] = {}
        self.requests: list[Request] = []
        self.before_commit: Callable[[str], None] | None = None
        self.in_request: Callable[[], None] | None = None
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()

    def forget(self) -> None:
        """Start counting requests from here."""
        self.requests.clear()

    @property
    def sent(self) -> int:
        """Bytes of the bodies that were handed out."""
        return sum(request.sent for request in self.requests)

    @property
    def uploaded(self) -> int:
        """Bytes of the LFS objects that came in."""
        return sum(request.received for request in self.requests if request.method == "PUT")

    def files(self, repo: str, revision: str = "main") -> dict[str, File]:
        """Files of a revision, without what the Hub itself puts there."""
        found = self.repos[repo]
        commit = found.resolve(revision)
        assert commit is not None
        return {path: file for path, file in found.commits[commit][1].items() if path != ".gitattributes"}

    def read(self, repo: str, path: str, revision: str = "main") -> bytes:
        """Content of one file."""
        file = self.files(repo, revision)[path]
        return self.blobs[file.sha256 or file.oid]

    def put(self, repo: str, files: dict[str, bytes]) -> str:
        """Commit files as another publisher would."""
        found = self.repos[repo]
        there = dict(found.commits[found.heads["main"]][1])
        return found.commit("main", there | {path: self.store(path, content) for path, content in files.items()})

    def store(self, path: str, content: bytes) -> File:
        """Keep a content under its address."""
        if path.endswith(".parquet"):
            return self.lfs(self._keep(hashlib.sha256(content).hexdigest(), content))
        return File(self._keep(_git_oid(content), content), len(content))

    def lfs(self, sha256: str) -> File:
        """The file of an LFS object that is there."""
        size = len(self.blobs[sha256])
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
        return File(_git_oid(pointer), size, sha256)

    def _keep(self, address: str, content: bytes) -> str:
        self.blobs[address] = content
        return address


class _RefusedError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status, self.code = status, code


class _Handler(BaseHTTPRequestHandler):
    hub: LocalHub
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _serve(self) -> None:
        self.path_only, self.query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        try:
            length = int(self.headers.get("Content-Length") or 0)
            self.body = self.rfile.read(length // 2)
            if self.hub.in_request is not None:
                self.hub.in_request()
            self.body += self.rfile.read(length - length // 2)
            if len(self.body) < length:
                raise ConnectionResetError  # the client was cut off: nothing happened
            self._answer(*self._route())
        except _RefusedError as refused:
            headers = {"X-Error-Code": refused.code, "X-Error-Message": str(refused)}
            self._answer(refused.status, json.dumps({"error": str(refused)}).encode(), headers)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _answer(self, status: int, body: bytes | Any, headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            content = b""
        record = (self.command, self.path, self.headers.get("Range"), status, len(self.body), len(content))
        self.hub.requests.append(Request(*record))
        self.wfile.write(content)

    def _route(self) -> tuple[Any, ...]:
        for method, pattern, serve in ROUTES:
            match = re.fullmatch(pattern, self.path_only)
            if match and self.command in method.split("|"):
                found = {name: unquote(value or "") for name, value in match.groupdict().items()}
                answer = serve(self, **found)
                return answer if isinstance(answer, tuple) else (200, answer)
        raise _RefusedError(404, f"no endpoint {self.command} {self.path_only}", "EntryNotFound")

    def _json(self) -> Any:
        return json.loads(self.body or b"{}")

    def _repo(self, repo: str, writing: bool = False) -> Repo:
        found = self.hub.repos.get(repo)
        known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if found is None or ((writing or found.private) and not known):
            raise _RefusedError(404 if known else 401, "Repository not found", "RepoNotFound")
        return found

    def _commit_of(self, repo: str, revision: str) -> tuple[str, dict[str, File]]:
        found = self._repo(repo)
        commit = found.resolve(revision or "main")
        if commit is None:
            raise _RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit, found.commits[commit][1]

    def whoami(self) -> Any:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise _RefusedError(401, "Invalid credentials")
        return {"type": "user", "name": "tester", "orgs": []}

    def create_repo(self) -> Any:
        asked = self._json()
        repo = f"{asked.get('organization') or 'tester'}/{asked['name']}"
        answer = {"url": f"{self.hub.url}/datasets/{repo}", "id": repo, "name": repo}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise _RefusedError(401, "Invalid credentials")
        with self.hub.lock:
            if repo in self.hub.repos:
                return 409, answer | {"error": "You already created this dataset repo"}
            created = Repo(bool(asked.get("private")) or asked.get("visibility") == "private")
            created.commit("main", {".gitattributes": self.hub.store(".gitattributes", b"*.parquet filter=lfs\n")})
            self.hub.repos[repo] = created
        return answer

    def info(self, repo: str, revision: str = "main") -> Any:
        commit, files = self._commit_of(repo, revision)
        card = None
        if "README.md" in files:
            text = self.hub.read(repo, "README.md", commit).decode()
            card = yaml.safe_load(text.split("---")[1]) if text.startswith("---") else None
        siblings = [{"rfilename": path, "size": file.size} for path, file in sorted(files.items())]
        answer = {"_id": "0" * 24, "id": repo, "sha": commit, "private": self._repo(repo).private, "gated": False}
        answer |= {"disabled": False, "downloads": 0, "likes": 0, "tags": [], "cardData": card, "siblings": siblings}
        return answer | {"createdAt": DATE, "lastModified": DATE, "author": repo.split("/")[0]}

    def tree(self, repo: str, revision: str, path: str = "") -> Any:
        _, files = self._commit_of(repo, revision)
        deep = self.query.get("recursive", [""])[0].lower() in ("1", "true")
        found: dict[str, dict[str, Any]] = {}
        for name, file in sorted(files.items()):
            if path and not name.startswith(path + "/"):
                continue
            parts = name.removeprefix(path + "/" if path else "").split("/")
            for i in range(1, len(parts) if deep else min(2, len(parts))):
                folder = "/".join(([path] if path else []) + parts[:i])
                found.setdefault(folder, _folder(folder))
            if deep or len(parts) == 1:
                found[name] = file.entry(name)
        if path and not found:
            raise _RefusedError(404, f"{path} does not exist", "EntryNotFound")
        return list(found.values())

    def paths_info(self, repo: str, revision: str) -> Any:
        _, files = self._commit_of(repo, revision)
        asked = parse_qs(self.body.decode()).get("paths", []) if self.body[:1] != b"{" else self._json()["paths"]
        there = [path.strip("/") for path in asked]
        found = [files[path].entry(path) for path in there if path in files]
        return found + [_folder(p) for p in there if any(name.startswith(p + "/") for name in files)]

    def refs(self, repo: str) -> Any:
        found = self._repo(repo)
        listed = {
            kind: [{"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": c} for name, c in refs.items()]
            for kind, refs in (("heads", found.heads), ("tags", found.tags))
        }
        return {"branches": listed["heads"], "tags": listed["tags"], "converts": []}

    def create_tag(self, repo: str, revision: str) -> Any:
        found, tag = self._repo(repo, writing=True), self._json()["tag"]
        if tag in found.tags:
            raise _RefusedError(409, "Tag reference exists already")
        found.tags[tag] = self._commit_of(repo, revision)[0]
        return {}

    def preupload(self, repo: str, revision: str) -> Any:
        self._repo(repo, writing=True)
        _, files = self._commit_of(repo, revision)
        answers = []
        for asked in self._json()["files"]:
            there = files.get(asked["path"])
            mode = "lfs" if asked["path"].endswith(".parquet") else "regular"
            answer = {"path": asked["path"], "uploadMode": mode, "shouldIgnore": False}
            answers.append(answer | {"oid": there and (there.sha256 or there.oid)})
        return {"files": answers}

    def lfs_batch(self, repo: str) -> Any:
        self._repo(repo, writing=True)
        objects = []
        for asked in self._json()["objects"]:
            answer = {"oid": asked["oid"], "size": asked["size"]}
            if asked["oid"] not in self.hub.blobs:
                answer["actions"] = {"upload": {"href": f"{self.hub.url}/_lfs/{asked['oid']}"}}
            objects.append(answer)
        return {"transfer": "basic", "objects": objects}

    def lfs_put(self, oid: str) -> Any:
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise _RefusedError(422, "the sha256 is another")
        self.hub.blobs[oid] = self.body
        return {}

    def commit(self, repo: str, revision: str) -> Any:
        if self.hub.before_commit is not None:
            self.hub.before_commit(repo)
        lines = [json.loads(line) for line in self.body.splitlines()]
        with self.hub.lock:
            found = self._repo(repo, writing=True)
            head = found.heads[revision]
            files = dict(found.commits[head][1])
            for line in lines:
                value = line["value"]
                if line["key"] == "header" and value.get("parentCommit", head) != head:
                    raise _RefusedError(412, "A commit has happened since. Please refresh and try again.")
                if line["key"] == "file":
                    files[value["path"]] = self.hub.store(value["path"], base64.b64decode(value["content"]))
                elif line["key"] == "lfsFile":
                    if value["oid"] not in self.hub.blobs:
                        raise _RefusedError(400, f"LFS object {value['oid']} is missing")
                    files[value["path"]] = self.hub.lfs(value["oid"])
                elif line["key"] == "deletedFile":
                    del files[value["path"]]
            commit = found.commit(revision, files)
        return {"success": True, "commitOid": commit, "commitUrl": f"{self.hub.url}/datasets/{repo}/commit/{commit}"}

    def resolve(self, repo: str, revision: str, path: str) -> Any:
        commit, files = self._commit_of(repo, revision)
        if path not in files:
            raise _RefusedError(404, "Entry not found", "EntryNotFound")
        file = files[path]
        content = self.hub.blobs[file.sha256 or file.oid]
        tag = f'"{file.sha256 or file.oid}"'
        headers = {"ETag": tag, "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        headers |= {"X-Linked-Etag": tag, "X-Linked-Size": str(file.size)} if file.sha256 else {}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if wanted is None:
            return 200, content, headers
        first, last = int(wanted[1]), min(int(wanted[2] or file.size), file.size - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
        return 206, content[first : last + 1], headers


def stand_in() -> LocalHub:
    """Start a local Hub, and point this process and its children at it.

    Raises
    ------
    RuntimeError
        If huggingface_hub was imported already: it reads its environment once.
    """
    if "huggingface_hub" in sys.modules:
        raise RuntimeError("huggingface_hub was imported before the local Hub took its place")
    hub = LocalHub()
    os.environ.update(
        HF_ENDPOINT=hub.url,
        HF_TOKEN=TOKEN,
        HF_HOME=tempfile.mkdtemp(prefix="brainlake-hub-"),
        HF_HUB_DISABLE_XET="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_DISABLE_PROGRESS_BARS="1",
    )
    return hub


def _git_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _folder(path: str) -> dict[str, Any]:
    return {"type": "directory", "oid": hashlib.sha1(path.encode()).hexdigest(), "size": 0, "path": path}


_API = r"/api/datasets/(?P<repo>[^/]+/[^/]+)"
_REVISION = r"(?P<revision>[^/]+)"

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", r"/api/whoami-v2", _Handler.whoami),
    ("POST", r"/api/validate-yaml", lambda self: {"errors": [], "warnings": []}),
    ("POST", r"/api/repos/create", _Handler.create_repo),
    ("GET", _API, _Handler.info),
    ("GET", rf"{_API}/revision/{_REVISION}", _Handler.info),
    ("GET", rf"{_API}/tree/{_REVISION}(/(?P<path>.*))?", _Handler.tree),
    ("POST", rf"{_API}/paths-info/{_REVISION}", _Handler.paths_info),
    ("GET", rf"{_API}/refs", _Handler.refs),
    ("POST", rf"{_API}/tag/{_REVISION}", _Handler.create_tag),
    ("POST", rf"{_API}/preupload/{_REVISION}", _Handler.preupload),
    ("POST", rf"{_API}/commit/{_REVISION}", _Handler.commit),
    ("POST", r"/datasets/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch", _Handler.lfs_batch),
    ("PUT", r"/_lfs/(?P<oid>[0-9a-f]{64})", _Handler.lfs_put),
    ("GET|HEAD", rf"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/{_REVISION}/(?P<path>.+)", _Handler.resolve),
)
