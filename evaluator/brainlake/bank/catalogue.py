"""A bank, or several, as one catalogue."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property

import duckdb
import polars as pl

from brainlake.bank.arguments import flag, impossible, is_text, number
from brainlake.bank.contents import Contents
from brainlake.bank.execution import fetch
from brainlake.bank.hub_root import HubRoot
from brainlake.bank.overview import Overview, features_of, scorable
from brainlake.bank.overview_text import as_html, as_text
from brainlake.bank.queries import Value, check_condition, tables_read
from brainlake.bank.references import dangling
from brainlake.bank.roots import File, Place, Root, follow, open_root
from brainlake.bank.verification import Problem, verify_bank
from brainlake.bank.views import connect, fill_view, source
from brainlake.contract.schema import TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.layers import Activations, read_layer


def open_bank(*roots: Place | Sequence[Place], download: bool = False) -> "Bank":
    """Open one or more banks as one catalogue.

    Parameters
    ----------
    *roots
        Folders of banks, and repositories on the Hub (``owner/name``, ``owner/name@revision``), such as public
        features there and licensed human data here; one by one, or as a list. What is named twice is opened once.
        ``~`` is the home folder. A repository
        is pinned to the commit that it has now, and its manifest is all that is fetched; an index repository brings
        the repositories that it lists.
    download
        Fetch whole repositories now, for work on all layers or offline. Otherwise layers and columns are fetched
        when they are used, and files that are small stay in the cache.

    Raises
    ------
    BrainlakeError
        If a root is not a bank, or two roots hold different content for the same thing.

    Examples
    --------
    >>> bank = open_bank("demo")  # doctest: +SKIP
    >>> bank.sql("select model, n_layers from models")  # doctest: +SKIP
    >>> open_bank("lab/bank@v1", "licensed").verify()  # doctest: +SKIP
    []
    """
    download = flag("download", download)
    places: list[Place] = []
    for given in roots:
        places += given if isinstance(given, list | tuple) else [given]  # type: ignore[list-item]
    if not places:
        raise BrainlakeError("open_bank needs at least one bank: a folder, or owner/name on the Hub")
    opened = list({found.identity: found for place in places for found in follow(open_root(place))}.values())
    if download:
        for root in opened:
            if isinstance(root, HubRoot):
                root.download()
    return Bank(opened)


class Bank(Contents):
    """Tables of one or more banks, opened with :func:`open_bank`.

    Besides what :class:`~brainlake.bank.contents.Contents` knows without reading a table.
    """

    def __init__(self, roots: list[Root]) -> None:
        super().__init__(roots)
        self._filled: set[str] = set()

    def __repr__(self) -> str:
        try:
            return f"Bank {as_text(self.overview)}"
        except BrainlakeError as error:  # What shows a value, such as a debugger, has no place for an exception.
            return f"Bank {' + '.join(map(str, self.roots))}, of which the benchmarks cannot be read: {error}"

    def _repr_html_(self) -> str | None:
        with suppress(BrainlakeError):
            return as_html(self.overview)
        return None

    @cached_property
    def overview(self) -> Overview:
        """What there is, and what can be scored together; of a remote bank, the small tables ``benchmarks`` travel."""
        sidecars = [s for _, s in self.files]
        return Overview(
            roots=tuple(map(str, self.roots)),
            models=self.models,
            stimulus_sets=self.stimulus_sets,
            recipes=self.recipes,
            benchmarks=scorable(sidecars, self.table("benchmarks")),
            features=features_of(sidecars),
            n_files=len(sidecars),
            n_bytes=sum(s.bytes for s in sidecars),
            unchecked=tuple(self.unchecked),
        )

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """In-memory DuckDB connection with one view a table of the contract, and ``manifest``.

        It reaches the files of the bank and nothing else, beside a private folder that it spills to and that goes with
        it; its configuration is locked. DuckDB knows no files that may only be read: a statement that writes over a
        file of the bank (``copy ... to``) is the user's own doing, which :meth:`sql` refuses, and the next reading
        notices. Footers of remote feature files, and other remote files whole, are fetched for it: :meth:`sql` fetches
        only those of the tables it reads.
        """
        self._fill_once(TABLES)
        return self._duckdb

    @cached_property
    def _duckdb(self) -> duckdb.DuckDBPyConnection:
        return connect(self.files)

    def sql(
        self, query: str, *, unrestricted: bool = False, seconds: float | None = None, memory: int | None = None
    ) -> pl.DataFrame:
        """Run one ``select`` over the views; Ctrl-C ends it.

        Types that Arrow and polars do not hold as they are (dates and times, intervals, unions, bit strings, integers
        of more than 38 digits, variants, geometries) come as the text that DuckDB writes for them.

        Parameters
        ----------
        query
            SQL of DuckDB; the views have the names of the tables.
        unrestricted
            Run any statement, with all that DuckDB can do: write, attach, read other files.
        seconds
            How long it may take; by default as long as it needs.
        memory
            Bytes that DuckDB may take, and bytes that the result may hold; by default DuckDB's own limit, and any.

        Raises
        ------
        BrainlakeError
            If the query is not one reading statement, takes longer or holds more than it may, or DuckDB refuses it;
            with DuckDB's own message.
        """
        if not is_text(query):
            raise impossible("query", query, "one select statement, as text")
        unrestricted = flag("unrestricted", unrestricted)
        if seconds is not None and (seconds is True or not (isinstance(seconds, int | float) and seconds > 0)):
            raise impossible("seconds", seconds, "a number above 0")
        memory = None if memory is None else number("memory", memory, at_least=1)
        try:
            if unrestricted or memory is not None:
                con = connect(self.files, external_access=unrestricted, memory=memory)
                self._fill(con, TABLES if unrestricted else tables_read(con, query))
            else:
                con = self._duckdb
                self._fill_once(tables_read(con, query))
            return fetch(con, query, seconds=seconds, max_bytes=memory)
        except (duckdb.Error, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise BrainlakeError(f"SQL failed: {error}") from None

    def table(self, name: str, /, **where: Value) -> pl.DataFrame:
        """Rows of a table whose columns equal the given values; only files that may have them are read.

        Raises
        ------
        UnknownNameError
            If there is no such table, or it has no such column.
        BrainlakeError
            If a value is no text and no number, or a file is damaged.
        """
        check_condition(name, where)
        files = [(root, s) for root, s in self.files if s.kind == name and s.may_have(where)]
        self._believe(files)
        conditions = " and ".join(f"{column} = ${column}" for column in where)
        query = f"select * from {source(name, files)}" + (f" where {conditions}" if where else "")
        try:
            return fetch(self._duckdb, query, where)
        except duckdb.ConversionException as error:
            raise BrainlakeError(f"{name} has no such row: {error}") from None
        except duckdb.Error as error:
            raise BrainlakeError(f"{name} cannot be read: {error}; run `brainlake verify`") from None

    def stimuli(self, stimulus_set: str) -> pl.DataFrame:
        """Stimuli of a set in ``position`` order."""
        self.sidecar("stimuli", stimulus_set)
        return self.table("stimuli", stimulus_set=stimulus_set).sort("position")

    def activations(self, model: str, stimulus_set: str, layer: int, recipe: str = "document") -> Activations:
        """One layer as a matrix, without a copy after decoding; of a remote file, only that layer travels.

        Page checksums are on and the values are checked against their sha256, so that a byte that changed is an
        error and not a number.

        Raises
        ------
        UnknownNameError
            If there is no such model, stimulus set, recipe or layer.
        BrainlakeError
            If the file is damaged, or its ids are not those of the stimulus set, in order.
        """
        layer = number("layer", layer)
        sidecar = self.feature_file("activations", model, stimulus_set, recipe)
        self._check_reliable(sidecar)
        root = next(root for root, s in self.files if s is sidecar)
        with root.parquet(sidecar) as file:
            found = read_layer(file, sidecar, layer)
        if found.stimulus_ids != self.stimuli(stimulus_set)["stimulus_id"].to_list():
            raise BrainlakeError(
                f"{sidecar.path}: the ids of layer {layer} are not those of {stimulus_set} in order; extract it again"
            )
        return found

    def verify(self) -> list[Problem]:
        """Everything that is wrong with the files: hashes, schemas, row counts, ids, NaN and infinity.

        What a file refers to may lie in any of the roots; what lies in none is named. Remote banks are downloaded for
        it.
        """
        problems: list[Problem] = []
        files, unsound = [], []
        for root in self.roots:
            folder = root.folder()
            found = verify_bank(folder)
            problems += found
            there = [(folder, s) for s in root.sidecars if (folder / s.path).exists()]
            files += there
            unsound += [file for file in there if file[1].path in {problem.path for problem in found}]
        problems += [Problem(path, why.removeprefix(f"{path} ")) for path, why in self.unreliable.items()]
        return problems + [Problem(path, what) for path, what in dangling(files, unsound)]

    def _fill_once(self, tables: Iterable[str]) -> None:
        """Fill the views of tables; of those that were filled before, files that changed since are refused."""
        missing = set(tables) - self._filled
        self._believe((root, s) for root, s in self.files if s.kind in set(tables) - missing)
        self._fill(self._duckdb, missing)
        self._filled |= missing

    def _fill(self, con: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
        """Fill the views of tables, once their files are believed."""
        for table in set(tables) & set(TABLES):
            files = [(root, s) for root, s in self.files if s.kind == table]
            self._believe(files)
            fill_view(con, table, files)

    def _believe(self, files: Iterable[File]) -> None:
        """Refuse files that contradict others, or are not what their sidecars say, before DuckDB reads them."""
        for root, sidecar in files:
            self._check_reliable(sidecar)
            root.believe(sidecar)

    def _check_reliable(self, sidecar: Sidecar) -> None:
        if sidecar.path in self.unreliable:
            raise BrainlakeError(self.unreliable[sidecar.path])


AnyBank = Bank | Place | Sequence[Place]


def as_bank(bank: AnyBank) -> Bank:
    """A bank that is open, or the one that lies at a place or at several, opened."""
    return bank if isinstance(bank, Bank) else open_bank(bank)
