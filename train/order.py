"""The order in which real images are shown: a function of the seed and the batch's number alone."""

from __future__ import annotations

import numpy as np
import torch


class BatchOrder:
    """A fresh permutation of the data set each epoch, cut into whole batches.

    Nothing has to be saved to resume: batch i is the same whenever and wherever it is asked for.

    Parameters
    ----------
    n_images : int
        Size of the data set.
    batch_size : int
        Images in a batch; what is left over at an epoch's end is skipped in that epoch.
    seed : int
        Of the permutations.
    device : torch.device
        Where the indices are wanted.
    """

    def __init__(self, n_images: int, batch_size: int, seed: int, device: torch.device) -> None:
        self.n_images = n_images
        self.batch_size = batch_size
        self.batches_per_epoch = n_images // batch_size
        self._seed = seed
        self._device = device
        self._epoch = -1
        self._permutation = torch.empty(0, dtype=torch.int64)

    def batch(self, number: int) -> torch.Tensor:
        """Return the indices of one batch.

        Parameters
        ----------
        number : int
            Batches shown before this one since the run began.

        Returns
        -------
        torch.Tensor
            (batch_size,) int64 on the device.
        """
        epoch, position = divmod(number, self.batches_per_epoch)
        if epoch != self._epoch:
            permutation = np.random.default_rng((self._seed, epoch)).permutation(self.n_images)
            self._permutation = torch.from_numpy(permutation).to(self._device)
            self._epoch = epoch
        return self._permutation[position * self.batch_size : (position + 1) * self.batch_size]
