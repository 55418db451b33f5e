"""Random numbers by address instead of by sequence, and the permutation that mixes stories into a file.

numpy's own generators are drawn in order, so a slice of a portal could not be made without the slices before it, and their
streams may change between releases. A 64-bit mixer of (seed, name, index) has neither problem.
"""

import functools
import hashlib
import math

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


class Draw:
    """Random values addressed by the name of a stream and an index."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._stream = functools.cache(self._stream_key)

    def _stream_key(self, name: str) -> np.uint64:
        digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
        return np.uint64(int.from_bytes(digest, "little"))

    def bits(self, name: str, index: Ints) -> npt.NDArray[np.uint64]:
        """64 well-mixed bits for each index (the finaliser of splitmix64)."""
        with np.errstate(over="ignore"):
            z = index.astype(np.uint64) * _GOLDEN + self._stream(name)
            z = (z ^ (z >> np.uint64(30))) * _MIX_1
            z = (z ^ (z >> np.uint64(27))) * _MIX_2
        return np.asarray(z ^ (z >> np.uint64(31)))

    def unit(self, name: str, index: Ints) -> Floats:
        """Uniform in [0, 1)."""
        return np.asarray((self.bits(name, index) >> np.uint64(11)).astype(np.float64) * 2.0**-53)

    def below(self, name: str, index: Ints, bound: int | Ints) -> Ints:
        """Uniform integers in [0, bound); the bound may differ from index to index."""
        high = self.bits(name, index) >> np.uint64(32)
        scaled = high * np.asarray(bound).astype(np.uint64)
        return np.asarray((scaled >> np.uint64(32)).astype(np.int64))

    def chance(self, name: str, index: Ints, probability: float) -> Bools:
        """True with the given probability."""
        return np.asarray(self.unit(name, index) < probability)

    def choice(self, name: str, index: Ints, weights: list[float]) -> Ints:
        """Positions in `weights`, drawn in proportion to them."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.asarray(
            np.searchsorted(edges[:-1] / edges[-1], self.unit(name, index), side="right").astype(np.int64)
        )


class Permutation:
    """A bijection of 0..size-1 that scatters neighbours, with its inverse.

    Stories hold contiguous ranges of people, which makes their members known without a search; rows of a file are in
    permuted order, so that a story does not stand in one block of it.
    """

    def __init__(self, size: int, salt: int = 0) -> None:
        self.size = size
        step = max(1, int(size * (0.6180339887 if salt % 2 == 0 else 0.4142135623)))
        while math.gcd(step, size) != 1:
            step += 1
        self._step = step
        self._back = pow(step, -1, size) if size > 1 else 0
        self._shift = (salt * 7919 + 13) % size

    def forward(self, position: Ints) -> Ints:
        """Positions in a file to people."""
        return (position * self._step + self._shift) % self.size

    def back(self, index: Ints) -> Ints:
        """People to positions in a file."""
        return ((index - self._shift) % self.size * self._back) % self.size
