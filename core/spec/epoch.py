"""What an epoch is: how a number of training pictures is cut into minibatches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """One pass over the training pictures, in minibatches of ``batch_size``.

    What remains is left out (``drop_last``), other pictures each time, or is a last, smaller minibatch.
    """

    images: int  # training pictures there are
    batch_size: int
    drop_last: bool = True

    @property
    def steps(self) -> int:
        """Minibatches."""
        return self.images // self.batch_size + (self.remainder > 0 and not self.drop_last)

    @property
    def remainder(self) -> int:
        """Pictures that fill no whole minibatch."""
        return self.images % self.batch_size

    @property
    def left_out(self) -> int:
        """Pictures that it does not train on."""
        return self.remainder if self.drop_last else 0

    @property
    def seen(self) -> int:
        """Pictures that it trains on."""
        return self.images - self.left_out

    def size(self, position: int) -> int:
        """Pictures in the minibatch at that place of the epoch, from 0."""
        return min(self.batch_size, self.images - position * self.batch_size)

    def pictures(self, steps: int) -> int:
        """How often a picture was trained on in the first ``steps`` steps of a run."""
        epochs, position = divmod(steps, self.steps)
        return epochs * self.seen + min(position * self.batch_size, self.images)

    def place(self, steps: int, other: Epoch) -> int:
        """The steps of a run by this epoch that have seen what ``steps`` of a run by the other have, or a little less:
        the same epochs, and of the one that goes on the same pictures up to a whole minibatch."""
        epochs, position = divmod(steps, other.steps)
        return epochs * self.steps + min(position * other.batch_size // self.batch_size, self.steps)

    @property
    def sentence(self) -> str:
        """What it is, for people."""
        steps = f"An epoch is {self.steps:,} step{'s' * (self.steps != 1)}"
        if not self.remainder:
            return f"{steps} of {self.batch_size:,} pictures, all {self.images:,}."
        if self.drop_last:
            return (
                f"{steps} of {self.batch_size:,} pictures; {self.left_out:,} of the {self.images:,} are left out, "
                "others each time."
            )
        return (
            f"{steps}: {self.batch_size:,} pictures each and {self.remainder:,} in the last one, all {self.images:,}."
        )
