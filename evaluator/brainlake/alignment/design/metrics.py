"""Which metrics a score may have, and what each is."""

from typing import Final

METRICS: Final[dict[str, str]] = {
    "pearson": "correlation of predictions with responses, or of surprisal with a reading measure",
    "unique_r2": "variance that model and baselines explain together less that of the baselines alone, kind `beyond`",
    "spearman of dissimilarities": "of `rsa`: rank correlation of the dissimilarities of every two stimuli; "
    "`comparison` changes the first word",
    "linear_cka": "of `cka`: centred kernel alignment of activations and responses",
    "delta_llh": "log-likelihood that surprisal adds beyond the covariates on left-out texts (nats a word; of `mixed`, "
    "nats a value)",
    "delta_llh_quadratic": "of kind `curvature`: what a quadratic of surprisal adds to the straight line (nats a word)",
    "delta_llh_spline": "of kind `curvature`: what a spline of surprisal adds to the straight line (nats a word)",
}
"""The column ``metric`` of ``scores``, of what is computed here; published scores have that of their source."""
