"""Networks of one's own that are no generators or discriminators, or not as the tools take them."""

import sys

import torch
from torch import Tensor, nn

from tests.models.strangers import Judging, Upsampling


class Labelled(Upsampling):
    def forward(self, z: Tensor, labels: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(z)


class Embedding(nn.Module):
    """Conditional, though its forward lets one leave the labels out."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 10)
        self.main = nn.Sequential(nn.ConvTranspose2d(15, 3, 8), nn.Tanh())

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.main(torch.cat([z, self.embedding(labels)], dim=1)[:, :, None, None])


class Fixed(nn.Module):
    """The same with its labels fixed: z alone has 5 numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.net = Embedding()

    def forward(self, z: Tensor) -> Tensor:
        return self.net(z, torch.full((len(z),), 7, device=z.device))


class Raising(Upsampling):
    def forward(self, z: Tensor) -> Tensor:
        raise RuntimeError("not today\nor ever")


class Leaving(Upsampling):
    def forward(self, z: Tensor) -> Tensor:
        sys.exit("gone")


class Texting(Upsampling):
    def forward(self, z: Tensor) -> str:
        return "an image"


class Bytes(Upsampling):
    def forward(self, z: Tensor) -> Tensor:
        return (super().forward(z) * 127.5 + 127.5).to(torch.uint8)


class Undefined(Upsampling):
    def forward(self, z: Tensor) -> Tensor:
        return super().forward(z) * float("nan")


class Oblong(Upsampling):
    def forward(self, z: Tensor) -> Tensor:
        return super().forward(z)[..., :16]


class Printing(Upsampling):
    def forward(self, z: Tensor) -> Tensor:
        sys.stdout.write(f"shape {z.shape}\n")
        return super().forward(z)


class Probable(Judging):
    def __init__(self) -> None:
        super().__init__(torch.sigmoid)


class Square(Judging):
    """Logits (N, 1, 1, 1), as `Judging` gives them."""


class Pair(Judging):
    def __init__(self) -> None:
        super().__init__(lambda logits: (logits, logits))


class Patches(Judging):
    def __init__(self) -> None:
        super().__init__(lambda logits: logits.expand(-1, 1, 4, 4))


class Classes(Judging):
    def __init__(self) -> None:
        super().__init__(lambda logits: logits.flatten(1).repeat(1, 10))


class Grey(Judging):
    def __init__(self) -> None:
        super().__init__(channels=1)
