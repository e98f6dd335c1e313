"""BLAS and LAPACK in place, on blocks of matrices, without Python's lock.

The wrappers of scipy keep the lock while they work, so that threads which score layers wait for one another; numpy has
no positive definite systems. Here are the routines that scipy offers to compiled code (`scipy.linalg.cython_lapack`),
called through `ctypes`, which gives the lock back.

Matrices are float64 and the numbers of a line stand together; lines may lie apart, as those of a block of a matrix do.
Of symmetric and triangular matrices the lower triangle is read and written. To LAPACK, which has columns together, each
is its own transpose: hence the letters that name the other triangle and the other side.
"""

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cython_blas, cython_lapack

from brainlake.encoding.arrays import BoolArray, FloatArray
from brainlake.errors import BrainlakeError


def _routine(module: Any, name: str) -> Callable[..., None]:
    capsule, api = module.__pyx_capi__[name], ctypes.pythonapi
    named = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", api))
    address = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", api))
    signature = named(capsule)
    if b" int *" not in signature:
        raise BrainlakeError(f"scipy offers {name} as {signature.decode()}, which is not known: use scipy 1.15 to 1.17")
    # The numbers of a signature are all behind pointers.
    pointers = [ctypes.c_void_p] * (signature.count(b",") + 1)
    return ctypes.CFUNCTYPE(None, *pointers)(address(capsule, signature))


_POSV: Final = _routine(cython_lapack, "dposv")
_POTRF: Final = _routine(cython_lapack, "dpotrf")
_LAUUM: Final = _routine(cython_lapack, "dlauum")
_ORMTR: Final = _routine(cython_lapack, "dormtr")
_PTSV: Final = _routine(cython_lapack, "dptsv")
_SYEVD: Final = _routine(cython_lapack, "dsyevd")
_SYTRD: Final = _routine(cython_lapack, "dsytrd")
_TRTRI: Final = _routine(cython_lapack, "dtrtri")
_TRMM: Final = _routine(cython_blas, "dtrmm")
_TRSM: Final = _routine(cython_blas, "dtrsm")
_SYRK: Final = _routine(cython_blas, "dsyrk")
# Columns that LAPACK puts together before it applies them; its own choice is 32 or 64.
_BLOCK: Final = 64
# Rows of a matrix that is transposed so many at a time, in cache.
_SQUARE: Final = 128
_ZERO, _ONE, _MINUS_ONE = (ctypes.byref(ctypes.c_double(number)) for number in (0.0, 1.0, -1.0))


def factor(A: FloatArray) -> bool:
    """Overwrite A [n, n] with L, L L' = A; return whether A is positive definite. What is above L stays as it was."""
    info = ctypes.c_int(0)
    _POTRF(b"U", _int(len(A)), *_place(A), ctypes.byref(info))
    return not info.value


def invert_triangular(L: FloatArray) -> bool:
    """Overwrite L [n, n] with L^-1; return whether there is one."""
    info = ctypes.c_int(0)
    _TRTRI(b"U", b"N", _int(len(L)), *_place(L), ctypes.byref(info))
    return not info.value


def square_triangular(L: FloatArray) -> None:
    """Overwrite L [n, n] with L'L."""
    _LAUUM(b"U", _int(len(L)), *_place(L), ctypes.byref(ctypes.c_int(0)))


def multiply_triangular(L: FloatArray, B: FloatArray) -> None:
    """Overwrite B [n, k] with L B."""
    _TRMM(b"R", b"U", b"N", b"N", _int(B.shape[1]), _int(len(L)), _ONE, *_place(L), *_place(B))


def multiply_by_triangular(B: FloatArray, L: FloatArray, transposed: bool = False, negative: bool = False) -> None:
    """Overwrite B [k, n] with B L, or with B L'; with its negative if that is asked for."""
    turned, sign = b"T" if transposed else b"N", _MINUS_ONE if negative else _ONE
    _TRMM(b"L", b"U", turned, b"N", _int(len(L)), _int(len(B)), sign, *_place(L), *_place(B))


def solve_positive(A: FloatArray, B: FloatArray) -> bool:
    """Overwrite B [n, k] with A^-1 B and A with its factor; return whether A [n, n] is positive definite."""
    if not factor(A):
        return False
    n, k, of_A, of_B = _int(len(A)), _int(B.shape[1]), _place(A), _place(B)
    _TRSM(b"R", b"U", b"N", b"N", k, n, _ONE, *of_A, *of_B)
    _TRSM(b"R", b"U", b"T", b"N", k, n, _ONE, *of_A, *of_B)
    return True


def solve_positive_lines(A: FloatArray, B: FloatArray) -> bool:
    """Overwrite B [k, n] with B A^-1 and A with its factor; return whether A [n, n] is positive definite."""
    info = ctypes.c_int(0)
    _POSV(b"U", _int(len(A)), _int(len(B)), *_place(A), *_place(B), ctypes.byref(info))
    return not info.value


def subtract_square(C: FloatArray, W: FloatArray) -> None:
    """Overwrite C [k, k] with C - W'W; W [m, k] may have its columns together."""
    _add_square(C, W.T, _MINUS_ONE, _ONE)


def square(H: FloatArray, out: FloatArray) -> None:
    """Overwrite `out` [n, n] with H H'; H [n, r] may have its columns together."""
    if not H.size:
        out[:] = 0.0
        return
    _add_square(out, H, _ONE, _ZERO)


def _add_square(C: FloatArray, H: FloatArray, times: Any, kept: Any) -> None:
    by_columns = H.strides[0] == H.itemsize and H.strides[1] != H.itemsize
    place, turned = (_place(H.T), b"N") if by_columns else (_place(H), b"T")
    _SYRK(b"U", turned, _int(len(H)), _int(H.shape[1]), times, *place, kept, *_place(C))


def eigh(A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return eigenvalues, ascending, and eigenvectors [n, n] of a symmetric matrix.

    Raises
    ------
    BrainlakeError
        The algorithm did not converge, as on values that are not finite.
    """
    n, info = len(A), ctypes.c_int(0)
    vectors = np.array(A, dtype=np.float64, order="C")
    values, work = np.empty(n), np.empty(1 + 6 * n + 2 * n * n)
    whole = np.empty(3 + 5 * n, dtype=np.intc)
    _SYEVD(
        b"V", b"U", _int(n), *_place(vectors), _start(values), _start(work), _int(len(work)), _start(whole),
        _int(len(whole)), ctypes.byref(info),
    )  # fmt: skip
    if info.value:
        raise BrainlakeError("the eigenvalues of a kernel were not found: are there values that are not finite?")
    return values, vectors.T


class Tridiagonal(NamedTuple):
    """A symmetric matrix A = Q T Q' [n, n]: the diagonals of T, and the reflections that make Q.

    T + a I costs next to nothing to solve, for any number of shifts a.
    """

    diagonal: FloatArray
    beside: FloatArray
    reflections: FloatArray
    factors: FloatArray

    @classmethod
    def of(cls, A: FloatArray) -> "Tridiagonal":
        """Reduce A, which is overwritten."""
        n = len(A)
        made = cls(np.empty(n), np.empty(max(n - 1, 1)), A, np.empty(max(n - 1, 1)))
        work = np.empty(max(_BLOCK * n, 1))
        _SYTRD(
            b"U", _int(n), *_place(A), *(_start(one) for one in (made.diagonal, made.beside, made.factors, work)),
            _int(len(work)), ctypes.byref(ctypes.c_int(0)),
        )  # fmt: skip
        return made

    def solve(self, shifts: FloatArray, B: FloatArray) -> FloatArray | None:
        """Return B (A + a I)^-1 for every shift a, [number of shifts, m, n]; None if one is not positive definite."""
        (m, n), info = B.shape, ctypes.c_int(0)
        turned = np.array(B, dtype=np.float64, order="C")
        self._rotate(turned, back=False)
        # All shifts side by side are one tridiagonal system, with zeros where one ends.
        diagonal, beside = (self.diagonal + shifts[:, None]).ravel(), np.zeros(len(shifts) * n)
        beside.reshape(len(shifts), n)[:, :-1] = self.beside[: n - 1]
        solved = np.tile(turned, len(shifts))
        _PTSV(_int(len(diagonal)), _int(m), _start(diagonal), _start(beside), *_place(solved), ctypes.byref(info))
        if info.value:
            return None
        solved = solved.reshape(m, len(shifts), n).transpose(1, 0, 2).reshape(m * len(shifts), n)
        self._rotate(solved, back=True)
        return solved.reshape(len(shifts), m, n)

    def _rotate(self, B: FloatArray, back: bool) -> None:
        """Overwrite B [m, n] with B Q, or with B Q'."""
        work = np.empty(_BLOCK * max(*B.shape, 1))
        _ORMTR(
            b"L", b"U", b"N" if back else b"T", _int(B.shape[1]), _int(len(B)), *_place(self.reflections),
            _start(self.factors), *_place(B), _start(work), _int(len(work)), ctypes.byref(ctypes.c_int(0)),
        )  # fmt: skip


def mirror(A: FloatArray) -> FloatArray:
    """Write the lower triangle of A [n, n] over the upper one, and return A."""
    n = len(A)
    for start in range(0, n, _SQUARE):
        s = slice(start, min(start + _SQUARE, n))
        A[:start, s] = A[s, :start].T
        np.copyto(A[s, s], A[s, s].T.copy(), where=_above(s.stop - start))
    return A


@lru_cache(maxsize=_SQUARE)
def _above(n: int) -> BoolArray:
    return np.asarray(~np.tri(n, dtype=np.bool_))


# No routine writes to the numbers it is given.
@lru_cache(maxsize=4096)
def _int(number: int) -> Any:
    return ctypes.byref(ctypes.c_int(number))


def _start(A: NDArray[Any]) -> int:
    """Address of an array."""
    return int(A.__array_interface__["data"][0])


def _place(A: FloatArray) -> tuple[int, Any]:
    """Address of a matrix, and how many numbers its lines lie apart."""
    (n, k), (apart, together) = A.shape, A.strides
    if n <= 1 or not k:
        apart = 8 * max(k, 1)
    if A.dtype != np.float64 or (together != 8 and n and k > 1) or apart % 8 or apart < 8 * k:
        raise ValueError(f"float64 with the numbers of a line together, not {A.dtype} with strides {A.strides}")
    return _start(A), _int(apart // 8)
