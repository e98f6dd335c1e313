"""CPU time that Brain-Score itself takes to read a text; bench_extraction runs this in Brain-Score's own environment.

``python brain_score.py MODEL < texts.json`` prints seconds, one a text and stimulus, as JSON. Each text is a list of
stimuli and the places of those that are timed.
"""

import json
import sys
import time
from collections.abc import Iterator

import torch
from brainscore_language.artificial_subject import ArtificialSubject
from brainscore_language.model_helpers.huggingface import HuggingfaceSubject
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast


class Timed(list):
    """Stimuli of a text of which ``digest_text`` is given some, each with all that precede it.

    The clock runs while ``digest_text`` works on a stimulus that is timed; the one before it is given as well, so that
    the task knows which tokens are new.
    """

    def __init__(self, stimuli: list[str], timed: list[int]) -> None:
        self.given = sorted({k for place in timed for k in (place - 1, place) if k >= 0})
        super().__init__(stimuli[k] for k in self.given)
        self.stimuli, self.timed = stimuli, timed
        self.seconds: dict[int, float] = {}

    def __getitem__(self, index: slice) -> list[str]:
        return self.stimuli[: self.given[index.stop - 1] + 1]

    def __iter__(self) -> Iterator[str]:
        for place in self.given:
            start = time.process_time()
            yield self.stimuli[place]
            self.seconds[place] = time.process_time() - start


def main(folder: str, behavior: bool) -> None:
    torch.set_num_threads(1)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=f"{folder}/tokenizer.json", truncation_side="left", model_max_length=1024
    )
    network = AutoModelForCausalLM.from_pretrained(folder).eval()
    layers = [f"transformer.h.{k}" for k in range(network.config.n_layer)]
    target = ArtificialSubject.RecordingTarget.language_system
    subject = HuggingfaceSubject("gpt2-shaped", {target: layers}, network, tokenizer)
    subject.start_neural_recording(target, ArtificialSubject.RecordingType.fMRI)
    if behavior:
        subject.start_behavioral_task(ArtificialSubject.Task.reading_times)
    found = []
    for stimuli, timed in json.load(sys.stdin):
        text = Timed(stimuli, timed)
        output = subject.digest_text(text)
        assert output["neural"].shape == (len(text.given), len(layers) * network.config.n_embd)
        found.append([text.seconds[place] for place in timed])
    sys.stdout.write("\n" + json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "both")
