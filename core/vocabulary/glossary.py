"""Words of the field that the lab uses, each said in a sentence for somebody who has never read a paper."""

from __future__ import annotations

TERMS: dict[str, str] = {
    "MACs": "Multiply-accumulate operations: a multiplication and an addition count as one. He 2015 calls them FLOPs.",
    "parameters": "The numbers that training changes: weights, biases, and the γ and β of norms.",
    "minibatch": "The pictures that one step of training looks at.",
    "epoch": "As many steps as it takes to see each training picture once.",
    "step 0": "Before the first update: the weights are as they were drawn.",
    "stem": "The first convolution, before any block.",
    "branch": "The convolutions of a block: what is added to its shortcut, F(x) in x + F(x).",
    "shortcut": "What a block passes on beside its convolutions: its input, made to fit where the shape changes.",
    "response": "What a layer's convolution gives, behind the norm that belongs to it and before addition and ReLU.",
    "ReLU": "Keeps what is above 0 and makes everything else 0.",
    "batch norm": "Rescales each channel to mean 0 and variance 1 within the minibatch, then by a learnt γ and β.",
    "warm-up": "The first steps, in which the learning rate grows from 0 to what was chosen.",
    "learning rate": "How far each update moves the weights against their gradient.",
    "gradient": "How the loss changes with each weight: an update goes against it.",
    "guessing": "Giving every class the same probability: with ten classes a loss of ln 10 = 2.30.",
    "cross-entropy": "Minus the logarithm of the probability that the net gives the right class, on average.",
    "train mode": "Norms use the pictures at hand, as in training; in eval mode they use running averages.",
    "evaluation mode": "Norms use the averages of training instead of the pictures at hand.",
    "bf16": "bfloat16: 16 bits, with the range of float32 and about three digits. Fast where the processor has it.",
    "float32": "Numbers of 32 bits, with about seven digits.",
    "momentum": "How much of the last update is carried into the next one.",
    "weight decay": "Pulls every weight a little toward 0 at each step.",
}


def for_browser() -> dict[str, str]:
    return TERMS


def explained(*terms: str) -> str:
    """These terms, each with its sentence, as Markdown for the help of a widget. Raises KeyError."""
    return "\n\n".join(f"**{term}**: {TERMS[term]}" for term in terms)
