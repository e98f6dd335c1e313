"""Print or write the surprisal of the words of your own text, without a bank."""

import argparse
from pathlib import Path

from brainlake.cli.arguments import add_format
from brainlake.cli.output import check_out, write_out
from brainlake.cli.run import say
from brainlake.report.tables import show
from brainlake_builder.cli.models import add_loading, add_untrained, loading, with_dtype
from brainlake_builder.cli.text_file import read_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", metavar="FILE", help="text in UTF-8, or - for standard input")
    parser.add_argument("--model", required=True, metavar="M", help="Hub id or local folder")
    parser.add_argument("--recipe", default="document", metavar="R", help="default: %(default)s")
    add_loading(parser)
    add_untrained(parser)
    parser.add_argument("--out", type=Path, metavar="OUT", help="write a .csv, .json or .parquet file instead")
    add_format(parser)
    parser.epilog = (
        "One row a word: document, word, surprisal and entropy (bits), number of tokens. White space parts words; an\n"
        "empty line ends a document, and nothing before it is read with what follows. The numbers are those that a\n"
        "bank would hold for the same words.\n\n"
        "examples:\n  brainlake-build surprisal story.txt --model openai-community/gpt2\n"
        "  echo 'The horse raced past the barn fell.' | brainlake-build surprisal - --model openai-community/gpt2\n"
        "  brainlake-build surprisal story.txt --model openai-community/gpt2 --out story.csv"
    )


def execute(options: argparse.Namespace) -> None:
    """Read the text, run the model, show or write the words."""
    check_out(options.out, ".csv", ".json", ".parquet")
    recipe = with_dtype(options.recipe, options.dtype)
    text = read_text(options.file)
    # Imported here so that --help, and what is refused above, do not wait for torch.
    from brainlake.contract.recipe import parse_recipe
    from brainlake_builder.extraction.own_text import word_surprisal, words_of
    from brainlake_builder.extraction.tasks import check_device
    from brainlake_builder.models.loading import load_model
    from brainlake_builder.text.prompts import check_prompt

    how = parse_recipe(recipe)
    words_of(text)
    check_prompt(how.prompt)
    check_device(options.device, options.quantization)
    with options.progress.step(f"{options.model}, loading"):
        model = load_model(
            options.model,
            device=options.device,
            dtype=how.dtype,
            **loading(options),
        )
    words = word_surprisal(model, text, recipe, options.progress)
    if options.out is None:
        show(words, options.format)
    else:
        write_out(words, options.out)
        say(f"{options.out}: {len(words)} words in {words['document'].n_unique()} documents")
