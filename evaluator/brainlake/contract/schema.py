"""The data contract: every table of a bank, column by column, with units and meaning.

A bank is a folder of Parquet files. The schemas here are the one definition of what those files hold;
the builder writes through them, ``Bank.verify`` checks against them, and every SQL view has their columns
even when a bank holds no file of that table.
"""

from typing import Final

import pyarrow as pa

STRING, FLOAT, INT, BOOL = pa.string(), pa.float64(), pa.int64(), pa.bool_()
STRINGS: Final = pa.list_(pa.string())
VECTOR: Final = pa.list_(pa.float32())


def _table(*columns: tuple[str, pa.DataType, str]) -> pa.Schema:
    """A schema whose fields carry their meaning; a name that ends in ``!`` may not be null."""
    return pa.schema(
        [
            pa.field(name.rstrip("!"), kind, not name.endswith("!"), {"description": meaning})
            for name, kind, meaning in columns
        ]
    )


MODELS: Final = _table(
    ("model!", STRING, "name inside the bank: the Hub id with / written --, or the name given to a local folder"),
    ("hub_id", STRING, "id on the Hugging Face Hub; null for a local folder or an imported table"),
    ("revision", STRING, "branch, tag or commit asked for"),
    ("commit", STRING, "commit that was resolved"),
    ("weights_sha256", STRING, "sha256 over the weight files, in name order"),
    ("family", STRING, "model_type of the configuration, such as llama"),
    ("architecture", STRING, "class of the model, such as LlamaForCausalLM"),
    ("n_params", INT, "number of parameters, tied weights counted once"),
    ("n_layers", INT, "number of blocks (layer 0, the embedding, not counted)"),
    ("width", INT, "features a layer"),
    (
        "tuning",
        STRING,
        "vanilla, instruction, control (no instructions), adapter or untrained; null when not known",
    ),
    ("base_model", STRING, "the vanilla model that this one was tuned from"),
    ("training_step", INT, "checkpoint in training steps"),
    ("adapter", STRING, "adapter that was put on the weights: its Hub id or folder, with its revision"),
    ("quantization", STRING, "how the weights were reduced, such as 8bit or Q4_K_M; null for none"),
    ("quantization_file", STRING, "file that holds the reduced weights"),
    ("untrained_seed", INT, "seed of the random weights of an untrained model"),
)

MODEL_PROPERTIES: Final = _table(
    ("model!", STRING, "see models"),
    ("property!", STRING, "mmlu, bbh, nwp_loss, log10_params, ..."),
    ("value!", FLOAT, "value, in the unit that the source states"),
    ("source!", STRING, "who measured it; values of different sources are never pooled"),
)

BENCHMARKS: Final = _table(
    ("benchmark!", STRING, "name of the benchmark"),
    ("stimulus_sets!", STRINGS, "stimulus sets that its rows refer to"),
    ("unit", STRING, "what a row of responses is: stimulus or tr; null for reading times"),
    ("tr_s", FLOAT, "repetition time (s)"),
    ("response_shift_s", FLOAT, "shift already applied to the responses for the haemodynamic delay (s)"),
    ("modality", STRING, "fmri, ecog, self-paced reading, ..."),
    ("composite_of", STRINGS, "benchmarks whose mean this one is"),
    ("default_folds", STRING, "folds of the grouped protocol: grouped, contiguous or by_stimulus"),
    ("citation", STRING, "whom to cite"),
    ("licence", STRING, "licence of the human data"),
    ("redistributable", BOOL, "whether the licence allows to publish the data again"),
    ("origin", STRING, "where the raw files come from"),
)

STIMULI: Final = _table(
    ("stimulus_set!", STRING, "name of the set"),
    ("stimulus_id!", STRING, "unique inside the set"),
    ("position!", pa.int32(), "place in the set, from 0; the row order of activations and kernels"),
    ("document_id!", STRING, "text that this item is a part of; its items in order are the document"),
    ("separator!", STRING, "text put before this item inside its document"),
    ("context_id!", STRING, "grouping over which the aw2024 recipe accumulates context (Brain-Score's)"),
    ("group_id", STRING, "what must not be split across folds; null if there is none"),
    ("sentence_id", STRING, "sentence that this item belongs to"),
    ("text!", STRING, "the words, exactly as shown or heard"),
    ("onset_s", FLOAT, "start of the presentation (s)"),
    ("offset_s", FLOAT, "end of the presentation (s)"),
)

STIMULUS_FEATURES: Final = _table(
    ("stimulus_set!", STRING, "see stimuli"),
    ("stimulus_id!", STRING, "see stimuli"),
    ("name!", STRING, "log_frequency, length, ..."),
    ("value", FLOAT, "value, in the unit that the source states"),
    ("source!", STRING, "where it comes from"),
)

ACTIVATIONS: Final = _table(
    ("model!", STRING, "see models"),
    ("stimulus_set!", STRING, "see stimuli"),
    ("recipe!", STRING, "name of the recipe, with its overrides"),
    ("layer!", pa.int16(), "0 the embedding, k the k-th block"),
    ("stimulus_id!", STRING, "see stimuli; inside a layer in the order of stimuli.position"),
    ("activation!", VECTOR, "one value a feature (the model's own units)"),
)

SURPRISAL: Final = _table(
    ("model!", STRING, "see models"),
    ("stimulus_set!", STRING, "see stimuli"),
    ("recipe!", STRING, "name of the recipe, with its overrides"),
    ("stimulus_id!", STRING, "see stimuli, in the order of stimuli.position"),
    ("surprisal", FLOAT, "-log2 probability (bits), with the word-boundary correction where the recipe asks for it"),
    ("surprisal_tokens", FLOAT, "plain sum over the tokens (bits)"),
    ("entropy", FLOAT, "entropy of the next-token distribution before the item's first token (bits)"),
    ("n_tokens", pa.int32(), "tokens of the item, white-space tokens before it included"),
)

KERNELS: Final = _table(
    ("model!", STRING, "see models"),
    ("stimulus_set!", STRING, "see stimuli"),
    ("recipe!", STRING, "name of the recipe, with its overrides"),
    ("layer!", pa.int16(), "see activations"),
    (
        "kernel!",
        VECTOR,
        "packed lower triangle of the centred Gram matrix in stimuli.position order, "
        "float64 products, without the 8 features of largest variance",
    ),
    ("columns!", VECTOR, "those 8 features, centred, n x 8 row by row"),
    (
        "side!",
        VECTOR,
        "what cosine and correlation dissimilarities need: X_c mu; row sums less their mean; "
        "mu.mu and mean row sum, each as float32 + remainder; d (2 n + 5 values)",
    ),
)

RESPONSES: Final = _table(
    ("benchmark!", STRING, "see benchmarks"),
    ("stimulus_set!", STRING, "see stimuli"),
    ("subject!", STRING, "participant, or what was averaged over"),
    ("row_id!", STRING, "a stimulus_id, or the name of a TR"),
    ("presentation!", pa.int16(), "repetition of the same row, from 0"),
    ("run", STRING, "scanner run"),
    ("time_s", FLOAT, "time of a TR, on the clock of stimuli.onset_s (s)"),
    ("response!", VECTOR, "one value a target of that subject, in targets.index order; NaN where missing"),
)

TARGETS: Final = _table(
    ("benchmark!", STRING, "see benchmarks"),
    ("subject!", STRING, "see responses"),
    ("index!", pa.int32(), "place inside response, from 0"),
    ("target_id!", STRING, "voxel, electrode or region"),
    ("made_of", STRINGS, "targets of the subject whose mean this one is; null for one that was recorded"),
    ("roi", STRING, "region of interest"),
    ("space", STRING, "space of x, y, z"),
    ("x", FLOAT, "coordinate (mm)"),
    ("y", FLOAT, "coordinate (mm)"),
    ("z", FLOAT, "coordinate (mm)"),
)

NUISANCE: Final = _table(
    ("benchmark!", STRING, "see benchmarks"),
    ("subject!", STRING, "see responses"),
    ("run", STRING, "scanner run"),
    ("row_id!", STRING, "see responses"),
    ("name!", STRING, "motion_x, sound_power, word_rate, ..."),
    ("value", FLOAT, "value, in the unit that the source states"),
)

READING_TIMES: Final = _table(
    ("benchmark!", STRING, "see benchmarks"),
    ("stimulus_set!", STRING, "see stimuli"),
    ("stimulus_id!", STRING, "see stimuli"),
    ("measure!", STRING, "self_paced_rt, gaze_duration, n400, skip_rate, ..."),
    ("unit!", STRING, "unit of value and sd: ms, microvolt or probability"),
    ("subject", STRING, "reader; null for a mean over readers; a measure has rows of one sort"),
    ("value", FLOAT, "the measure, or its mean over readers; null where skipped or missing"),
    ("sd", FLOAT, "standard deviation over readers"),
    ("n_subjects", pa.int32(), "readers in the mean"),
    ("skipped!", BOOL, "whether the reader skipped the word: no time then, but not a missing one"),
    ("scored!", BOOL, "whether the benchmark scores this word"),
    ("why_not_scored", STRING, "why it does not"),
)

CEILINGS: Final = _table(
    ("benchmark!", STRING, "see benchmarks"),
    ("subject", STRING, "see responses; null for all"),
    ("target_id", STRING, "see targets; null for all"),
    ("roi", STRING, "region; null for all"),
    ("measure", STRING, "measure of reading_times that it belongs to; null for responses, and for the only measure"),
    ("protocol", STRING, "protocol that it belongs to; null for a property of the data alone"),
    ("folds", STRING, "folds that it belongs to; null for a property of the data alone"),
    ("method!", STRING, "how it was computed"),
    ("scale!", STRING, "reliability (its square root bounds r) or max_r (bounds r itself)"),
    ("value!", FLOAT, "the ceiling"),
    ("n_subjects", pa.int32(), "subjects, or readers, that it was computed from"),
    ("ci_low", FLOAT, "lower end of its 95 % interval"),
    ("ci_high", FLOAT, "upper end of its 95 % interval"),
    ("source!", STRING, "who computed it"),
)

_ORIGIN: Final = (
    ("file", STRING, "file of the bank that the row stands in; null in a row that was not read from one"),
    ("author", STRING, "author of that file, where its sidecar names one"),
)

SCORES: Final = _table(
    ("kind", STRING, "what kind of number it is: the protocol's own choice, a single layer, other folds, ..."),
    ("benchmark!", STRING, "see benchmarks"),
    ("measure", STRING, "measure of reading_times; null for responses"),
    ("model!", STRING, "see models, or baseline:<name>"),
    ("model_revision", STRING, "commit, or sha256 of the weights where there is no commit"),
    ("stimulus_set", STRING, "stimulus set that was scored; null for responses, and where several are pooled"),
    ("stimuli_sha256", STRING, "digest of the stimuli that were scored"),
    ("recipe", STRING, "name of the recipe, with its overrides"),
    ("recipe_digest", STRING, "digest of the recipe"),
    ("protocol!", STRING, "name of the protocol; published:<source> for scores that others published"),
    ("folds", STRING, "shuffled or disjoint (before: grouped, contiguous, by_stimulus); null where nothing is fitted"),
    ("kept_whole", STRING, "what no fold splits: groups, stretches of time, or stimuli alone"),
    ("n_folds", pa.int32(), "number of folds"),
    ("seeds", pa.list_(pa.int32()), "seeds of what was drawn: folds, replicates, permutations"),
    ("controls", STRING, "baselines or covariates that the score is beyond, and where they come from"),
    ("layer", pa.int16(), "layer scored; null for a selection over layers"),
    (
        "selection!",
        STRING,
        "none (this layer), nested (chosen inside the training folds), test (best on the test folds), or not stated",
    ),
    ("selected_layers", pa.list_(pa.int16()), "layers that the selection chose, one an outer fold"),
    ("subject", STRING, "subject; null for all"),
    ("roi", STRING, "region; null for all targets"),
    ("target_id", STRING, "target, or text of kind left_out; null for an aggregate"),
    ("metric!", STRING, "pearson, ..., or not stated"),
    ("aggregation", STRING, "how folds, targets and subjects became one number"),
    ("alpha", FLOAT, "penalty (geometric mean over the outer folds), in units of the mean eigenvalue"),
    ("score", FLOAT, "the score, never clipped"),
    ("ceiling", FLOAT, "largest r that the noise allows, where one matches protocol and folds"),
    ("ceiling_method", STRING, "how the ceiling was computed"),
    ("normalized", FLOAT, "score / ceiling; null where no ceiling matches"),
    ("ci_low", FLOAT, "lower end of the 95 % interval"),
    ("ci_high", FLOAT, "upper end of the 95 % interval"),
    ("ci_method", STRING, "what was resampled, or why there is no interval"),
    ("p_value", FLOAT, "p value"),
    ("p_floor", FLOAT, "smallest p value that was possible"),
    ("p_method", STRING, "how the p value was computed"),
    ("n_stimuli", pa.int32(), "rows scored; null where others published the score and do not say"),
    ("n_targets", pa.int32(), "targets scored; null where others published the score and do not say"),
    ("n_subjects", pa.int32(), "subjects, or readers, scored"),
    ("engine_version!", STRING, "version of brainlake"),
    *_ORIGIN,
)

COMPARISONS: Final = _table(
    ("benchmark!", STRING, "see benchmarks"),
    ("measure", STRING, "measure of reading_times; null for responses"),
    ("metric!", STRING, "see scores"),
    ("protocol!", STRING, "see scores"),
    ("folds", STRING, "see scores"),
    ("subject", STRING, "subject; null for all"),
    ("roi", STRING, "region; null for all targets"),
    ("model_a!", STRING, "one of the pair"),
    ("recipe_a", STRING, "its recipe"),
    ("model_b!", STRING, "the other one"),
    ("recipe_b", STRING, "its recipe"),
    ("difference!", FLOAT, "score of a less score of b"),
    ("ci_low", FLOAT, "lower end of the 95 % interval of the difference"),
    ("ci_high", FLOAT, "upper end of the 95 % interval of the difference"),
    ("ci_method", STRING, "what was resampled, or why there is no interval"),
    ("p_value", FLOAT, "p value of no difference"),
    ("p_floor", FLOAT, "smallest p value that was possible"),
    ("p_method", STRING, "how the p value was computed"),
    ("p_adjusted", FLOAT, "p value adjusted for the family of comparisons"),
    ("adjusted_over", STRING, "that family, and how it was adjusted for"),
    ("n_stimuli!", pa.int32(), "rows compared"),
    ("n_units", pa.int32(), "units that were exchanged or resampled: stories, passages, subjects, ..."),
    ("engine_version!", STRING, "version of brainlake"),
    *_ORIGIN,
)

SHAPES: Final = _table(
    ("benchmark!", STRING, "see benchmarks"),
    ("measure", STRING, "measure of reading_times; null for responses"),
    ("stimulus_set", STRING, "see scores"),
    ("model!", STRING, "see models"),
    ("recipe", STRING, "name of the recipe, with its overrides"),
    ("protocol!", STRING, "see scores"),
    ("bin!", pa.int32(), "bin of the predictor, from 0"),
    ("n_bins!", pa.int32(), "number of bins: 10 for deciles"),
    ("predictor_low!", FLOAT, "lower end of the bin (bits, where the predictor is surprisal)"),
    ("predictor_high!", FLOAT, "upper end of the bin"),
    ("predictor_mean!", FLOAT, "mean of the predictor in the bin"),
    ("value", FLOAT, "mean partial residual in the bin, in the unit of the measure"),
    ("ci_low", FLOAT, "lower end of its 95 % interval"),
    ("ci_high", FLOAT, "upper end of its 95 % interval"),
    ("n_stimuli!", pa.int32(), "stimuli in the bin"),
    ("controls", STRING, "covariates that were taken out, and where they come from"),
    ("engine_version!", STRING, "version of brainlake"),
    *_ORIGIN,
)

TABLES: Final[dict[str, pa.Schema]] = {
    "models": MODELS,
    "model_properties": MODEL_PROPERTIES,
    "benchmarks": BENCHMARKS,
    "stimuli": STIMULI,
    "stimulus_features": STIMULUS_FEATURES,
    "activations": ACTIVATIONS,
    "surprisal": SURPRISAL,
    "kernels": KERNELS,
    "responses": RESPONSES,
    "targets": TARGETS,
    "nuisance": NUISANCE,
    "reading_times": READING_TIMES,
    "ceilings": CEILINGS,
    "scores": SCORES,
    "comparisons": COMPARISONS,
    "shapes": SHAPES,
}

RESULTS: Final = ("scores", "comparisons", "shapes")
"""Tables of results: one file a name that its author gave. Who reads them fills in the file and the author of a row."""

FEATURE_TABLES: Final = ("activations", "surprisal", "kernels")
"""Tables of one file a (model, stimulus set, recipe)."""

ONE_VALUE: Final = {
    "models": "model",
    "stimuli": "stimulus_set",
    **dict.fromkeys(("benchmarks", "responses", "targets", "nuisance", "reading_times", "ceilings"), "benchmark"),
}
"""Column that has one value in a file: the file's name. In feature tables: model, stimulus_set and recipe."""


def same_shape(found: pa.Schema, expected: pa.Schema) -> str | None:
    """Why ``found`` does not have the columns that are expected, or None if it has.

    A fixed-size list stands for a list: Parquet knows only the latter, and a writer that knows the width says so.
    """
    if found.names != expected.names:
        return f"columns {found.names}, not {expected.names}"
    for have, want in zip(found, expected, strict=True):
        nested = pa.types.is_fixed_size_list(have.type) or pa.types.is_list(have.type)
        plain = pa.list_(have.type.value_type) if nested else have.type
        if not plain.equals(want.type):
            return f"column {have.name} is {have.type}, not {want.type}"
    return None
