"""From text to tokens, to passes, to words and their surprisal; no network is loaded or run here."""
