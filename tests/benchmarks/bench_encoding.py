"""What the evaluator costs, beside scikit-learn, himalaya and Brain-Score, in CPU seconds of one thread.

    python tests/benchmarks/bench_encoding.py [layer] [volumes] [few_targets] [brain_score] [model] [kernels]

Without names everything runs (about ten minutes). Data are simulated. Ours is always the whole
cross-validation of a layer from float16 activations to scores; of a peer, which is given the same folds,
penalties and features, one outer fold is timed and multiplied by the number of folds. What is computed once per
data set (preparing responses) is printed apart. `himalaya` and `brainscore-language` are timed if installed.
The floor is the time of the matrix products that the algorithm cannot avoid, at the rates measured in the same run.
"""

import argparse
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.model_selection import PredefinedSplit
from threadpoolctl import threadpool_limits

from brainlake.encoding.decomposition import spectrum_of_features, spectrum_of_kernel
from brainlake.encoding.folds import Folds, by_stimulus, grouped, shuffle_split
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.layer_errors import from_layers, least_error
from brainlake.encoding.ols import ols_operator
from brainlake.encoding.packing import pack, unpack
from brainlake.encoding.predict import fold_scores, prediction_scores, target_scores
from brainlake.encoding.ridge import joint_ridge
from brainlake.encoding.target_ridge import ridge_per_target
from brainlake.encoding.targets import prepare
from brainlake.encoding.timeseries import delayed_features, delayed_kernel

ALPHAS = np.logspace(-4, 5, 10)


def activations(n: int, d: int, seed: int = 0, dtype: type = np.float16) -> np.ndarray:
    """Power-law spectrum, a common mean and four massive dimensions, as in residual streams."""
    rng = np.random.default_rng(seed)
    k = min(n, d)
    Z = rng.standard_normal((n, k), dtype=np.float32) * np.arange(1, k + 1, dtype=np.float32) ** -0.5
    X = Z @ rng.standard_normal((k, d), dtype=np.float32)
    X /= X.std()
    X += 0.1 * rng.standard_normal((n, d), dtype=np.float32) + 3 * rng.standard_normal(d, dtype=np.float32)
    X[:, rng.choice(d, 4, replace=False)] = 300 + 30 * rng.standard_normal((n, 4), dtype=np.float32)
    return X.astype(dtype)


def responses(X: np.ndarray, v: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    signal = X[:, :: max(X.shape[1] // 64, 1)].astype(np.float32)
    signal = (signal - signal.mean(0)) / signal.std(0)
    signal = signal @ rng.standard_normal((signal.shape[1], v), dtype=np.float32)
    gain = rng.uniform(0, 0.6, v).astype(np.float32)
    return gain * signal / signal.std(0) + rng.standard_normal((len(X), v), dtype=np.float32) + 5


def seconds(run: Callable[[], Any], repeats: int = 1) -> tuple[float, Any]:
    """CPU seconds of the fastest of some runs, and the result."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        result = run()
        best = min(best, time.process_time() - start)
    return best, result


def rates(n: int = 627, v: int = 2048) -> tuple[float, float]:
    """Flops a second of float64 and float32 matrix products."""
    found = []
    for dtype in (np.float64, np.float32):
        a, b = np.ones((n, n), dtype), np.ones((n, v), dtype)
        found.append(2 * n * n * v / seconds(lambda a=a, b=b: a @ b, 5)[0])
    return found[0], found[1]


def peak_memory() -> float:
    """GB that this process held at most (Linux); getrusage would count what its parent held too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1e6


def row(what: str, ours: float, peers: dict[str, float], floor: float | None = None) -> None:
    cells = [
        f"{name} {time:.4g} s = {time / ours:.0f} x"
        if time / ours >= 20
        else f"{name} {time:.4g} s = {time / ours:.1f} x"
        for name, time in peers.items()
    ]
    if floor is not None:
        cells.append(f"floor {floor:.2g} s = {ours / floor:.1f} x")
    print(f"{what:46s} {ours:7.3f} s   " + "; ".join(cells), flush=True)


def per_fold(folds: Folds, make: Callable[[], Any], X: np.ndarray, Y: np.ndarray) -> float:
    """CPU seconds of a peer's whole cross-validation, from one fold."""
    train, test = folds.train[0], folds.test[0]
    x, y, x_test = X[train], Y[train], X[test]
    return seconds(lambda: make().fit(x, y).predict(x_test))[0] * len(folds)


def inner_split(folds: Folds) -> PredefinedSplit:
    label = np.full(folds.n, -1)
    for k, test in enumerate(folds.test):
        label[test] = k
    return PredefinedSplit(label[folds.train[0]])


def himalaya_ridge(folds: Folds, alphas: np.ndarray, kernel: bool = True) -> Callable[[], Any] | None:
    if not importlib.util.find_spec("himalaya"):
        return None
    import himalaya.kernel_ridge
    import himalaya.ridge

    estimator = himalaya.kernel_ridge.KernelRidgeCV if kernel else himalaya.ridge.RidgeCV
    return lambda: estimator(alphas=alphas, cv=inner_split(folds), fit_intercept=True)


def brain_score_ridge(alphas: np.ndarray) -> Callable[[], Any] | None:
    if not importlib.util.find_spec("brainscore_language"):
        return None
    import torch
    from brainscore_language.metrics.linear_predictivity.ridgecv_gpu import RidgeGCVTorch

    torch.set_num_threads(1)
    return lambda: RidgeGCVTorch(alphas=alphas)


def peer_times(peers: dict[str, Callable[[], Any] | None], folds: Folds, X: np.ndarray, Y: np.ndarray):
    return {name: per_fold(folds, make, X, Y) for name, make in peers.items() if make is not None}


def layer() -> None:
    """One layer of Pereira2018 size."""
    n, d, v = 627, 4096, 12_155
    X = activations(n, d)
    Y = responses(X, v)
    folds = grouped(np.arange(n) // 4)
    f64, f32 = rates()
    once, targets = seconds(lambda: prepare(Y, folds, np.float32))
    once += seconds(lambda: targets.factor)[0]
    print(
        f"\nOne layer: n={n}, d={d}, v={v}, {len(folds)} folds, {len(ALPHAS)} penalties"
        f" (once per data set {once:.2f} s; {f64 / 1e9:.0f} and {f32 / 1e9:.0f} GF/s)"
    )
    x64, x32, y64, y32 = X.astype(np.float64), X.astype(np.float32), Y.astype(np.float64), Y
    scale = spectrum_of_features(X).scale
    alphas, few = ALPHAS * scale, len(ALPHAS)
    m = n / len(folds)
    pairs = len(folds) * (len(folds) - 1) / 2
    gram, apply = n * n * d / f64, 2 * n * n * v / f32

    ours, _ = seconds(lambda: fold_scores(ols_operator(X, folds), targets), 3)
    peers = {"LinearRegression": LinearRegression}
    times = peer_times(peers, folds, x64, y64)
    times["in float32"] = per_fold(folds, LinearRegression, x32, y32)
    row("least squares", ours, times, gram + n**3 / f64 + apply)

    ours, fit = seconds(lambda: joint_ridge([spectrum_of_features(X)], [targets], ALPHAS)[0], 3)
    ours += seconds(lambda: fold_scores(fit.operator, targets), 3)[0]
    shared = few * (n**3 / f64 + 3 * n**3 / f32 + pairs * ((2 * m) ** 3 / f64 + 2 * (2 * m) ** 3 / f32))
    peers = {"RidgeGCVTorch": brain_score_ridge(alphas), "RidgeCV": lambda: RidgeCV(alphas)}
    row("one penalty a layer, nested groups", ours, peer_times(peers, folds, x64, y64), gram + shared + apply)

    def own(inner: str) -> np.ndarray:
        fit = ridge_per_target(spectrum_of_features(X), targets, ALPHAS, inner)
        return prediction_scores(fit.predictions, targets)

    ours, _ = seconds(lambda: own("gcv"), 2)
    gcv = len(folds) * 2 * (n - m) ** 2 * v / f32
    peers = {"RidgeCV alpha_per_target": lambda: RidgeCV(alphas, alpha_per_target=True)}
    target_times = peer_times(peers, folds, x64, y64)
    row("a penalty a voxel, GCV", ours, target_times, gram + gcv + apply)

    ours, _ = seconds(lambda: own("leave_one_out"), 2)
    row("a penalty a voxel, leave-one-out", ours, target_times, gram + few * 4 * n * n * v / f32 + apply)

    ours, _ = seconds(lambda: own("folds"), 2)
    peers = {
        "himalaya KernelRidgeCV": himalaya_ridge(folds, alphas),
        "himalaya RidgeCV": himalaya_ridge(folds, alphas, kernel=False),
    }
    nested = few * (2 + 4 * (len(folds) - 1) / len(folds)) * n * n * v / f32
    row("a penalty a voxel, nested groups", ours, peer_times(peers, folds, x32, y32), gram + nested + apply)


def volumes() -> None:
    """A story of Wehbe2014 size: 1,351 volumes, 4 runs, 4 delays."""
    n, d, v = 1351, 4096, 25_000
    X = activations(n, d)
    Y = responses(X, v)
    runs = np.repeat(np.arange(4), [338, 338, 338, 337])
    folds = grouped(runs, 4)
    targets = prepare(Y, folds, np.float32)
    once, _ = seconds(lambda: targets.factor)
    f64, f32 = rates(1351)
    print(f"\nVolumes: n={n}, d=4 x {d}, v={v}, 4 runs (once per data set {once:.2f} s)")
    wide = delayed_features(X.astype(np.float32), (1, 2, 3, 4), runs)

    def spectrum():
        return spectrum_of_kernel(delayed_kernel(centred_gram(X), (1, 2, 3, 4), runs))

    alphas = ALPHAS * spectrum().scale
    peers = peer_times({"himalaya KernelRidgeCV": himalaya_ridge(folds, alphas)}, folds, wide, Y)
    gram, apply, train = n * n * d / f64, 2 * n * n * v / f32, (0.75 * n)
    ours, _ = seconds(lambda: fold_scores(joint_ridge([spectrum()], [targets], ALPHAS)[0].operator, targets), 2)
    row("one penalty, nested runs", ours, peers, gram + apply)
    ours, _ = seconds(
        lambda: prediction_scores(ridge_per_target(spectrum(), targets, ALPHAS, "gcv").predictions, targets), 2
    )
    row("a penalty a voxel, GCV", ours, peers, gram + 4 * 2 * train**2 * v / f32 + apply)


def few_targets() -> None:
    """Sizes of Blank2014 and Tuckute2024, where n^3 is what there is to do."""
    print("\nFew targets")
    stories = np.repeat(np.arange(8), [143, 153, 135, 157, 181, 181, 189, 178])
    for d in (4096, 768):
        small("Blank2014", grouped(stories, 8), d, 60)
        small("Tuckute2024", by_stimulus(1000), d, 10)


def small(name: str, folds: Folds, d: int, v: int) -> None:
    X = activations(folds.n, d)
    Y = responses(X, v).astype(np.float64)
    targets = prepare(Y, folds)
    x64 = X.astype(np.float64)
    alphas = ALPHAS * spectrum_of_features(X).scale
    title = f"{name} {folds.n} x {d}, v={v}"
    ours, _ = seconds(lambda: fold_scores(ols_operator(X, folds), targets), 2)
    row(f"{title}, least squares", ours, peer_times({"LinearRegression": LinearRegression}, folds, x64, Y))
    peers = {
        "RidgeGCVTorch": brain_score_ridge(alphas),
        "RidgeCV": lambda: RidgeCV(alphas),
        "himalaya KernelRidgeCV": himalaya_ridge(folds, alphas),
    }
    times = peer_times(peers, folds, x64, Y)
    ours, _ = seconds(lambda: fold_scores(joint_ridge([spectrum_of_features(X)], [targets])[0].operator, targets), 2)
    row(f"{title}, one penalty", ours, times)
    ours, _ = seconds(lambda: ridge_per_target(spectrum_of_features(X), targets), 2)
    row(f"{title}, one a target", ours, {k: t for k, t in times.items() if "himalaya" in k})


def brain_score() -> None:
    """Brain-Score's own metrics from end to end: xarray, its splits, its penalties."""
    print("\nBrain-Score's ridge_pearsonr and linear_pearsonr")
    if importlib.util.find_spec("brainscore_language"):
        for n, v in ((243, 8000), (384, 12_155)):
            brain_score_metrics(n, v)
    else:
        print("brainscore-language is not installed")


def brain_score_metrics(n: int, v: int) -> None:
    import torch
    from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
    from brainscore_language.metrics.linear_predictivity.metric import linear_pearsonr, ridge_pearsonr

    torch.set_num_threads(1)

    def assembly(values: np.ndarray) -> Any:
        rows, columns = values.shape
        coords = {
            "stimulus_id": ("presentation", np.arange(rows)),
            "stimulus_category": ("presentation", ["text"] * rows),
            "neuroid_id": ("neuroid", np.arange(columns)),
            "region": ("neuroid", ["language"] * columns),
        }
        return NeuroidAssembly(values, coords=coords, dims=["presentation", "neuroid"])

    X = activations(n, 4096)
    Y = responses(X, v)
    folds = shuffle_split(n)
    once, targets = seconds(lambda: prepare(Y, folds, np.float32))
    once += seconds(lambda: targets.factor)[0]
    source, target = assembly(X.astype(np.float32)), assembly(Y)
    penalties = np.logspace(-3, 3, 7)

    def our_ridge() -> float:
        spectrum = spectrum_of_features(X)
        fit = joint_ridge([spectrum], [targets], penalties / spectrum.scale, "leave_one_out")[0]
        return float(np.median(fold_scores(fit.operator, targets), axis=1).mean())

    def our_least_squares() -> float:
        return float(np.median(fold_scores(ols_operator(X, folds), targets), axis=1).mean())

    for name, metric, run in (
        ("ridge", ridge_pearsonr(), our_ridge),
        ("linear", linear_pearsonr(), our_least_squares),
    ):
        theirs, score = seconds(lambda metric=metric: float(metric(source, target)))
        ours, found = seconds(run, 3)
        row(f"{name}_pearsonr n={n}, v={v} (once {once:.2f} s)", ours, {"Brain-Score": theirs})
        print(f"    score {found:.7f}, theirs {score:.7f}: difference {abs(found - score):.1e}")


def model() -> None:
    """33 layers, nested choice of the layer, in a process of its own so that its memory can be told."""
    subprocess.run([sys.executable, __file__, "one_model"], check=True)


def one_model() -> None:
    n, d, v, n_layers = 627, 4096, 12_155, 33
    Y = responses(activations(n, d, seed=12), v)
    groups = np.arange(n) // 4
    folds = grouped(groups)
    wall = time.perf_counter()
    targets = prepare(Y, folds, np.float32)
    fits, scores, made = [], [], 0.0
    for i in range(n_layers):
        pause = time.perf_counter()
        X = activations(n, d, seed=i)
        made += time.perf_counter() - pause
        fits.append(joint_ridge([spectrum_of_features(X)], [targets], ALPHAS)[0])
        scores.append(np.median(target_scores(fold_scores(fits[-1].operator, targets), folds)))
    layers = least_error(fits)
    operator = from_layers([fit.operator for fit in fits], layers, folds)
    chosen = np.median(target_scores(fold_scores(operator, targets), folds))
    took = time.perf_counter() - wall - made
    memory = peak_memory()
    print(f"\nA model: {n_layers} layers, n={n}, d={d}, v={v}: {took:.1f} s wall, {memory:.2f} GB at most")
    print(
        f"    nested choice r = {chosen:.4f} (layers {sorted(set(layers.tolist()))}), "
        f"best on the test folds r = {max(scores):.4f}"
    )


def kernels() -> None:
    """What a packed kernel weighs, and what it costs in scores."""
    print("\nPacked kernels of Pereira2018 at the shape of a LLaMA-7B layer")
    packed_bytes, raw_bytes, worst = 0, 0, 0.0
    for n, outlier in ((243, 30.0), (384, 1000.0)):
        X = activations(n, 4096, dtype=np.float32)
        X[:, :4] = outlier * (10 + np.random.default_rng(3).standard_normal((n, 4)))
        targets = prepare(responses(X, 2000), grouped(np.arange(n) // 4))
        packed = pack(X)
        packed_bytes += sum(a.nbytes for a in (packed.kernel, packed.columns, packed.side))
        raw_bytes += 2 * X.size
        a = joint_ridge([spectrum_of_features(X)], [targets])[0]
        b = joint_ridge([spectrum_of_kernel(unpack(packed).centred)], [targets])[0]
        worst = max(worst, np.abs(fold_scores(a.operator, targets) - fold_scores(b.operator, targets)).max())
    print(
        f"    float16 activations {raw_bytes / 1e6:.2f} MB, packed {packed_bytes / 1e6:.2f} MB = "
        f"{raw_bytes / packed_bytes:.1f} x smaller; largest difference of r {worst:.1e}"
    )


SECTIONS = {f.__name__: f for f in (layer, volumes, few_targets, brain_score, model, kernels)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    names = parser.parse_args().sections or list(SECTIONS)
    with threadpool_limits(1):
        for name in names:
            {**SECTIONS, "one_model": one_model}[name]()


if __name__ == "__main__":
    main()
